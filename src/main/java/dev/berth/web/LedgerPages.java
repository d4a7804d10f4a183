package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.machines.Stray;
import dev.berth.machines.Strays;
import dev.berth.security.Caller;
import dev.berth.tenancy.LedgerCheck;
import dev.berth.tenancy.LedgerSource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
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
                List<LedgerCheck.Difference> differences,
                List<LedgerSource.Missing> missing,
                List<Stray> strays,
                int more,
                LedgerCheck.Last last);

        static native TemplateInstance stray(Stray stray, Form form);
    }

    private static final String URL = "/admin/ledger";
    private static final int MOST_SHOWN = 200;

    private final Chrome chrome;
    private final LedgerCheck check;
    private final Strays strays;

    LedgerPages(Chrome chrome, LedgerCheck check, Strays strays) {
        this.chrome = chrome;
        this.check = check;
        this.strays = strays;
    }

    @GET
    public Response show() {
        Caller caller = chrome.admin("tenants");
        List<Stray> found = strays.list(caller);
        return Html.page(Templates.ledger(
                check.differences(caller),
                check.missing(caller),
                found.subList(0, Math.min(MOST_SHOWN, found.size())),
                Math.max(0, found.size() - MOST_SHOWN),
                check.last()));
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
        return Html.seeOther(URL);
    }

    @GET
    @Path("strays/{id}")
    public Response stray(@PathParam("id") UUID id) {
        return Html.page(Templates.stray(strays.get(chrome.admin("tenants"), id), Form.empty()));
    }

    @POST
    @Path("strays/{id}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response remove(@PathParam("id") UUID id, MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("tenants");
        Form form = Form.of(sent);
        Stray stray = strays.get(caller, id);
        try {
            strays.remove(caller, id, form.value("confirm"));
            chrome.say(Flash.done(stray.name() + " is being removed from host " + stray.hostName() + "."));
            return Html.seeOther(URL);
        } catch (ProblemException e) {
            form.refuse(e);
            return Html.page(form.status(), Templates.stray(stray, form));
        }
    }
}
