package dev.berth.api;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageChecks;
import dev.berth.catalog.ImageRemoval;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.ImageUse;
import dev.berth.catalog.Images;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** The image library. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class ImageResource {
    private static final int IMPORT_SECONDS = 4 * 3_600;

    /** An image as the API shows it. */
    @Schema(name = "Image")
    public record ImageView(
            UUID id,
            String name,
            String description,
            @Schema(examples = "qcow2") String format,
            ImageState state,
            long virtualSizeBytes,
            long fileSizeBytes,
            String sha256,
            String createdBy,
            Instant createdAt,
            @Schema(description = "When its contents were last compared with what was imported.") Instant checkedAt,
            @Schema(description = "What is wrong with its file; empty when nothing is.") String problem) {
        static ImageView of(Image image) {
            return new ImageView(
                    image.id(),
                    image.name(),
                    image.description(),
                    image.format(),
                    image.state(),
                    image.virtualSizeBytes(),
                    image.fileSizeBytes(),
                    image.sha256(),
                    image.createdBy(),
                    image.createdAt(),
                    image.checkedAt(),
                    image.problem());
        }
    }

    /** A file in the server's import directory, and what it is. */
    public record Import(
            @Schema(required = true, examples = "debian-12-20261101") String name,
            @Schema(required = true, examples = "debian-12-generic-amd64.qcow2") String file,
            @Schema(
                            required = true,
                            description = "Never guessed.",
                            enumeration = {"qcow2", "raw", "kernel", "initrd"})
                    String format,
            String description) {}

    /** What stands on an image, of one kind. */
    @Schema(name = "ImageDependents")
    public record DependentsView(
            ImageUse.Kind kind,
            long count,
            @Schema(description = "Some of them, those that run first.") List<ImageUse.Dependent> first) {}

    private final Callers callers;
    private final Images images;
    private final ImageChecks checks;
    private final ImageRemoval removal;

    ImageResource(Callers callers, Images images, ImageChecks checks, ImageRemoval removal) {
        this.callers = callers;
        this.images = images;
        this.checks = checks;
        this.removal = removal;
    }

    @GET
    @Path("/images")
    @Operation(summary = "List images")
    public Page<ImageView> list(@BeanParam Paging paging) {
        callers.current();
        return paging.slice(images.list(), Image::name).map(ImageView::of);
    }

    @GET
    @Path("/images/{image}")
    @Operation(summary = "Show an image")
    public ImageView get(@PathParam("image") String name) {
        callers.current();
        return ImageView.of(images.get(name));
    }

    @POST
    @Path("/images/import")
    @Idempotent(seconds = IMPORT_SECONDS)
    @APIResponse(responseCode = "201", description = "Checked and in the library.")
    @Operation(
            summary = "Import an image that lies on the server",
            description = "For admins. The file must lie in the server's import directory, where it stays.")
    public RestResponse<ImageView> importFile(Import image) {
        Import body = Answers.body(image);
        Image made = images.importFile(
                callers.current(),
                new Images.Draft(body.name(), Answers.text(body.description()), body.format()),
                body.file());
        return Answers.created("/images/" + made.name(), ImageView.of(made));
    }

    @POST
    @Path("/images")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @APIResponse(responseCode = "201", description = "Checked and in the library.")
    @Operation(
            summary = "Upload an image",
            description = "For admins. Takes no Idempotency-Key: a second upload of one name is refused.")
    public RestResponse<ImageView> upload(
            @RestForm String name, @RestForm String format, @RestForm String description, @RestForm FileUpload file) {
        Caller caller = callers.current();
        caller.requireAdmin();
        if (file == null) {
            throw ProblemException.invalid("file", "Send the image as the part named file.");
        }
        Image made = images.importUpload(
                caller, new Images.Draft(name, Answers.text(description), format), file.uploadedFile());
        return Answers.created("/images/" + made.name(), ImageView.of(made));
    }

    @POST
    @Path("/images/{image}/retire")
    @Idempotent
    @Operation(summary = "Retire an image", description = "For admins. No new revision may use it.")
    public RestResponse<ImageView> retire(@PathParam("image") String name) {
        return RestResponse.ok(ImageView.of(images.retire(callers.current(), name)));
    }

    @GET
    @Path("/images/{image}/dependents")
    @Operation(
            summary = "List what stands on an image",
            description = "For admins and auditors. The image stays as long as there is anything.")
    public List<DependentsView> dependents(@PathParam("image") String name) {
        return removal.dependents(callers.current(), name).stream()
                .map(one -> new DependentsView(one.kind(), one.count(), one.first()))
                .toList();
    }

    @POST
    @Path("/images/{image}/check")
    @Idempotent
    @Operation(
            summary = "Have an image's contents checked",
            description = "For admins. A worker reads the file soon and compares it with what was imported;"
                    + " checkedAt is null until then.")
    public RestResponse<ImageView> check(@PathParam("image") String name) {
        return RestResponse.ok(ImageView.of(checks.check(callers.current(), name)));
    }

    @POST
    @Path("/images/{image}/release")
    @Idempotent
    @Operation(
            summary = "Release an image from quarantine",
            description = "For admins, once a check has found that its contents are what was imported.")
    public RestResponse<ImageView> release(@PathParam("image") String name) {
        return RestResponse.ok(ImageView.of(checks.release(callers.current(), name)));
    }

    @DELETE
    @Path("/images/{image}")
    @Idempotent
    @Operation(
            summary = "Remove an image and its file",
            description = "For admins. Only a retired or quarantined one on which nothing stands.")
    public RestResponse<ImageView> remove(@PathParam("image") String name) {
        return RestResponse.ok(ImageView.of(removal.remove(callers.current(), name)));
    }
}
