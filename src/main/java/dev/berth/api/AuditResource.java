package dev.berth.api;

import dev.berth.audit.Audit;
import dev.berth.audit.AuditEvent;
import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The audit log; for admins. */
@Path(ApiPaths.V1)
@Tag(name = "Operating")
public class AuditResource {
    private final Callers callers;
    private final Audit audit;

    AuditResource(Callers callers, Audit audit) {
        this.callers = callers;
        this.audit = audit;
    }

    @GET
    @Path("/audit")
    @Operation(
            summary = "List changes",
            description = "For admins: who changed what, when and from where. Newest first.")
    public Page<AuditEvent> list(
            @Parameter(description = "Who did it.") @QueryParam("username") String username,
            @Parameter(description = "What was done, or how that begins: `machine.`") @QueryParam("action")
                    String action,
            @Parameter(description = "The id of what it was done to.") @QueryParam("subject") String subject,
            @BeanParam Paging paging) {
        return audit.list(
                callers.current(), new Audit.Filter(username, action, subject), paging.limit(), paging.cursor());
    }
}
