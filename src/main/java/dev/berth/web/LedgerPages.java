package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.LedgerCheck;
import dev.berth.tenancy.LedgerSource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;

/** What is counted against what there is, with a click that puts it right; for admins. */
@Path("/admin/ledger")
@Authenticated
public class LedgerPages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance ledger(
                List<LedgerCheck.Difference> differences, List<LedgerSource.Missing> missing, LedgerCheck.Last last);
    }

    private final Chrome chrome;
    private final LedgerCheck check;

    LedgerPages(Chrome chrome, LedgerCheck check) {
        this.chrome = chrome;
        this.check = check;
    }

    @GET
    public Response show() {
        Caller caller = chrome.admin("tenants");
        return Html.page(Templates.ledger(check.differences(caller), check.missing(caller), check.last()));
    }

    @POST
    @Path("repair")
    public Response repair(@FormParam("tenant") UUID tenant, @FormParam("key") String key) {
        Caller caller = chrome.admin("tenants");
        try {
            LedgerCheck.Difference repaired = check.repair(caller, tenant, key);
            chrome.say(Flash.done("Repaired: " + repaired.words()));
        } catch (ProblemException e) {
            chrome.say(Flash.failed(e.getMessage()));
        }
        return Html.seeOther("/admin/ledger");
    }
}
