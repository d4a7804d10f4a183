package dev.berth.api;

import dev.berth.catalog.Image;
import dev.berth.catalog.Policy;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Size;
import dev.berth.catalog.Template;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A template as the API shows it. */
@Schema(name = "Template")
public record TemplateView(
        @Schema(examples = "debian-12") String slug,
        String name,
        String description,
        Policy policy,
        @Schema(description = "The revision that a request gets; null when none is approved.", nullable = true)
                Integer current,
        @Schema(description = "Newest first. Only admins see those that are not approved.")
                List<RevisionView> revisions) {
    /** A revision of a template. */
    @Schema(name = "Revision")
    public record RevisionView(
            int number,
            RevisionState state,
            @Schema(
                            description =
                                    "What its machines start from: a disk made from the image; or, without a disk, the"
                                            + " kernel or a boot server on their network.",
                            enumeration = {"image", "kernel", "network"})
                    String boot,
            @Schema(nullable = true) String image,
            @Schema(nullable = true) String kernel,
            @Schema(nullable = true) String initrd,
            @Schema(description = "The kernel's command line.") String commandLine,
            List<String> sizes,
            List<String> networks,
            @Schema(description = "Storage profiles that disks may be on.") List<String> storage,
            @Schema(description = "Storage profiles whose directories machines may share.") List<String> shares,
            String notes,
            String createdBy,
            Instant createdAt,
            @Schema(nullable = true) String decidedBy,
            @Schema(nullable = true) Instant decidedAt) {
        static RevisionView of(Revision revision) {
            return new RevisionView(
                    revision.number(),
                    revision.state(),
                    revision.boot().from().name().toLowerCase(Locale.ROOT),
                    name(revision.boot().image()),
                    name(revision.boot().kernel()),
                    name(revision.boot().initrd()),
                    revision.boot().commandLine(),
                    revision.sizes().stream().map(Size::slug).toList(),
                    revision.networks().stream().map(Profile::slug).toList(),
                    revision.storage().stream().map(Profile::slug).toList(),
                    revision.shares().stream().map(Profile::slug).toList(),
                    revision.notes(),
                    revision.createdBy(),
                    revision.createdAt(),
                    revision.decidedBy(),
                    revision.decidedAt());
        }

        private static String name(Image file) {
            return file == null ? null : file.name();
        }
    }

    static TemplateView of(Template template) {
        return new TemplateView(
                template.slug(),
                template.name(),
                template.description(),
                template.policy(),
                template.current().map(Revision::number).orElse(null),
                template.revisions().stream().map(RevisionView::of).toList());
    }
}
