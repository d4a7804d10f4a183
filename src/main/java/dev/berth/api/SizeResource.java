package dev.berth.api;

import dev.berth.catalog.Size;
import dev.berth.catalog.Sizes;
import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Sizes. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class SizeResource {
    /** A size as the API shows it. */
    @Schema(name = "Size")
    public record SizeView(
            @Schema(examples = "small") String slug,
            String name,
            int vcpus,
            long memoryMib,
            long diskGib,
            boolean retired) {
        static SizeView of(Size size) {
            return new SizeView(
                    size.slug(), size.name(), size.vcpus(), size.memoryMib(), size.diskGib(), size.retired());
        }
    }

    /** The figures of a new size. */
    public record NewSize(
            @Schema(required = true, examples = "small") String slug,
            @Schema(required = true, examples = "Small") String name,
            @Schema(required = true, examples = "1") Integer vcpus,
            @Schema(required = true, examples = "512") Long memoryMib,
            @Schema(required = true, examples = "10") Long diskGib) {}

    private final Callers callers;
    private final Sizes sizes;

    SizeResource(Callers callers, Sizes sizes) {
        this.callers = callers;
        this.sizes = sizes;
    }

    @GET
    @Path("/sizes")
    @Operation(summary = "List sizes", description = "From small to large, retired ones last.")
    public Page<SizeView> list(@BeanParam Paging paging) {
        callers.current();
        return paging.slice(sizes.list(), Size::slug).map(SizeView::of);
    }

    @POST
    @Path("/sizes")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Made.")
    @Operation(summary = "Make a size", description = "For admins. Its figures never change.")
    public RestResponse<SizeView> create(NewSize size) {
        NewSize body = Answers.body(size);
        Size made = sizes.create(
                callers.current(),
                body.slug(),
                body.name(),
                body.vcpus() == null ? 0 : body.vcpus(),
                body.memoryMib() == null ? 0 : body.memoryMib(),
                body.diskGib() == null ? 0 : body.diskGib());
        return Answers.created("/sizes", SizeView.of(made));
    }

    @POST
    @Path("/sizes/{size}/retire")
    @Idempotent
    @Operation(summary = "Retire a size", description = "For admins. It is no longer offered; machines keep it.")
    public RestResponse<SizeView> retire(@PathParam("size") String slug) {
        return RestResponse.ok(SizeView.of(sizes.retire(callers.current(), slug)));
    }
}
