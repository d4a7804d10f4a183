package dev.berth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Profiles;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.Traits;
import dev.berth.security.Caller;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A network or storage profile as the API shows it. */
@Schema(name = "Profile")
public record ProfileView(
        String slug,
        String name,
        String description,
        String kind,
        Traits traits,
        @Schema(description = "The kind's settings; for admins.", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                Map<String, String> config,
        boolean retired) {
    /** What a profile can be of, with the settings it takes. */
    @Schema(name = "Kind")
    public record KindView(String id, Traits traits, List<KindField> fields) {
        static KindView of(Profiles.Kind kind) {
            return new KindView(kind.id(), kind.traits(), kind.fields());
        }
    }

    /** A named use of a kind. */
    public record NewProfile(
            @Schema(required = true, examples = "nat-lab") String slug,
            @Schema(required = true, examples = "NAT") String name,
            String description,
            @Schema(required = true, examples = "nat") String kind,
            @Schema(
                            description = "The kind's settings; the kinds' own list names them.",
                            examples =
                                    "{\"cidr\":\"10.77.0.0/20\",\"rangeStart\":\"10.77.0.10\",\"rangeEnd\":\"10.77.15.250\"}")
                    Map<String, String> config) {
        /** A setting that is null is one that was not made. */
        Map<String, String> settings() {
            Map<String, String> settings = new HashMap<>();
            if (config != null) {
                config.forEach((key, value) -> {
                    if (value != null) {
                        settings.put(key, value);
                    }
                });
            }
            return settings;
        }
    }

    static ProfileView of(Caller caller, Profile profile) {
        return new ProfileView(
                profile.slug(),
                profile.name(),
                profile.description(),
                profile.kind(),
                profile.traits(),
                caller.admin() ? profile.config() : null,
                profile.retired());
    }
}
