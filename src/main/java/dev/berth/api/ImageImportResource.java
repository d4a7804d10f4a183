package dev.berth.api;

import dev.berth.catalog.ImageImport;
import dev.berth.catalog.ImageImports;
import dev.berth.catalog.Images;
import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Images that are fetched from other hosts. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class ImageImportResource {
    /** A file on another host, and what it is. */
    public record Fetch(
            @Schema(required = true, examples = "debian-12-20261101") String name,
            @Schema(required = true, examples = "https://cloud.example.org/debian-12-generic-amd64.qcow2") String url,
            @Schema(
                            required = true,
                            description = "Never guessed.",
                            enumeration = {"qcow2", "raw", "kernel", "initrd"})
                    String format,
            String description,
            @Schema(description = "SHA-256 or SHA-512 of the file, in hexadecimal digits.") String digest,
            @Schema(
                            description = "Instead of the digest: the address of a list that has it.",
                            examples = "https://cloud.example.org/SHA512SUMS")
                    String digestUrl,
            @Schema(description = "The address of the list's detached OpenPGP signature.") String signatureUrl) {}

    /** An import as the API shows it. */
    @Schema(name = "ImageImport")
    public record ImportView(
            @Schema(description = "Also the image's, once it is in the library.") UUID id,
            String name,
            String format,
            @Schema(description = "Without what follows a question mark.") String url,
            ImageImport.State state,
            int attempts,
            long doneBytes,
            @Schema(description = "0 as long as nobody knows.") long totalBytes,
            long bytesPerSecond,
            @Schema(description = "Why it failed or is tried again; empty when nothing is wrong.") String failure,
            String requestedBy,
            Instant requestedAt,
            @Schema(nullable = true) Instant finishedAt) {
        static ImportView of(ImageImport one) {
            return new ImportView(
                    one.id(),
                    one.name(),
                    one.format(),
                    one.url(),
                    one.state(),
                    one.attempts(),
                    one.doneBytes(),
                    one.totalBytes(),
                    one.bytesPerSecond(),
                    one.failure(),
                    one.requestedBy(),
                    one.requestedAt(),
                    one.finishedAt());
        }
    }

    private final Callers callers;
    private final ImageImports imports;

    ImageImportResource(Callers callers, ImageImports imports) {
        this.callers = callers;
        this.imports = imports;
    }

    @POST
    @Path("/images/import-url")
    @Idempotent
    @APIResponse(responseCode = "202", description = "It is fetched from now on, then checked like an upload.")
    @Operation(
            summary = "Fetch an image from another host",
            description = "For admins. Only from hosts that berth.library.url-hosts names.")
    public RestResponse<ImportView> fetch(Fetch image) {
        Fetch body = Answers.body(image);
        return Answers.accepted(ImportView.of(imports.start(
                callers.current(),
                new ImageImports.Wish(
                        new Images.Draft(body.name(), Answers.text(body.description()), body.format()),
                        Answers.text(body.url()),
                        Answers.text(body.digest()),
                        Answers.text(body.digestUrl()),
                        Answers.text(body.signatureUrl())))));
    }

    @GET
    @Path("/image-imports")
    @Operation(
            summary = "List images that are fetched from other hosts",
            description = "For admins. Those under way, and those that ended within a day; newest first.")
    public Page<ImportView> list(@BeanParam Paging paging) {
        return paging.slice(imports.list(callers.current()), one -> one.id().toString())
                .map(ImportView::of);
    }

    @GET
    @Path("/image-imports/{id}")
    @Operation(summary = "Show an image that is fetched", description = "For admins.")
    public ImportView get(@PathParam("id") UUID id) {
        return ImportView.of(imports.get(callers.current(), id));
    }

    @POST
    @Path("/image-imports/{id}/cancel")
    @Idempotent
    @Operation(
            summary = "Stop fetching an image",
            description = "For admins. Not once all of it is here and being checked.")
    public RestResponse<ImportView> cancel(@PathParam("id") UUID id) {
        return RestResponse.ok(ImportView.of(imports.cancel(callers.current(), id)));
    }
}
