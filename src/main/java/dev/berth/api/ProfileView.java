package dev.berth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.Profiles;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.Traits;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A network or storage profile as the API shows it. */
@Schema(name = "Profile")
public record ProfileView(
        @Schema(examples = "nat-lab") String slug,
        @Schema(examples = "NAT") String name,
        String description,
        @Schema(examples = "nat") String kind,
        Traits traits,
        boolean retired,
        @Schema(description = "The kind's settings; for admins.", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                Map<String, String> config,
        @Schema(
                        description = "The tenants that may use it, empty for all; for admins.",
                        examples = "[\"blue\"]",
                        nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                List<String> tenants,
        @Schema(description = "Goes up with each change; for admins.", examples = "3", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                Long version,
        @Schema(description = "How many machines use it; for admins.", examples = "12", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                Long machines,
        @Schema(description = "Which hosts can offer it; for admins.", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                HostsView hosts) {
    /** Which hosts can offer a profile, of those that have looked. */
    @Schema(name = "ProfileHosts")
    public record HostsView(
            @Schema(examples = "[\"host-a\",\"host-b\"]") List<String> can,
            @Schema(examples = "[\"host-c\"]") List<String> cannot) {
        static HostsView of(List<ProfileCheck> checks) {
            return new HostsView(names(checks, true), names(checks, false));
        }

        private static List<String> names(List<ProfileCheck> checks, boolean good) {
            return checks.stream()
                    .filter(check -> check.good() == good)
                    .map(ProfileCheck::hostName)
                    .toList();
        }
    }

    /** What a host said. */
    @Schema(name = "ProfileCheck")
    public record CheckView(
            @Schema(examples = "host-c") String host,
            @Schema(description = "Whether it can offer the profile.") boolean good,
            @Schema(
                            description = "What keeps it from offering the profile, and what to do.",
                            examples = "[\"Host host-c has no bridge br0. Make it, or choose another bridge.\"]")
                    List<String> problems,
            @Schema(description = "What somebody should know, though it can be offered.") List<String> advice,
            @Schema(
                            description = "What the host found, by names of the kind's own. routed: nextHop, the host's"
                                    + " address that the route leads to; route, whether it is there, missing or"
                                    + " unknown.",
                            examples = "{\"nextHop\": \"192.0.2.7\", \"route\": \"missing\"}")
                    Map<String, String> facts,
            Instant checkedAt) {
        static CheckView of(ProfileCheck check) {
            return new CheckView(
                    check.hostName(), check.good(), check.problems(), check.advice(), check.facts(), check.checkedAt());
        }
    }

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
                    Map<String, String> config,
            @Schema(description = "The tenants that may use it; without any, all may.", examples = "[\"blue\"]")
                    List<String> tenants) {}

    /** All that can change of a profile: what is left out is empty from now on. */
    public record ChangedProfile(
            @Schema(required = true, examples = "NAT") String name,
            String description,
            @Schema(
                            description =
                                    "The kind's settings. Those that are `fixed` can't change while machines use the profile.",
                            examples =
                                    "{\"cidr\":\"10.77.0.0/20\",\"rangeStart\":\"10.77.0.10\",\"rangeEnd\":\"10.77.15.250\"}")
                    Map<String, String> config,
            @Schema(description = "The tenants that may use it; without any, all may.", examples = "[\"blue\"]")
                    List<String> tenants,
            @Schema(
                            description =
                                    "The `version` that you changed: if somebody else has changed the profile since, yours is refused (409).",
                            examples = "3",
                            nullable = true)
                    Long version) {}

    /** As everybody may see it. */
    static ProfileView of(Profile profile) {
        return new ProfileView(
                profile.slug(),
                profile.name(),
                profile.description(),
                profile.kind(),
                profile.traits(),
                profile.retired(),
                null,
                null,
                null,
                null,
                null);
    }

    /** As an admin sees it. */
    static ProfileView of(Profile profile, List<String> tenants, long machines, List<ProfileCheck> checks) {
        return new ProfileView(
                profile.slug(),
                profile.name(),
                profile.description(),
                profile.kind(),
                profile.traits(),
                profile.retired(),
                profile.config(),
                tenants,
                profile.version(),
                machines,
                HostsView.of(checks));
    }
}
