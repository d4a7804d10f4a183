package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.usage.Prices;
import dev.berth.usage.Usage;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.math.BigDecimal;

/** What all teams used, and what it costs; for admins. */
@Path("/admin/usage")
@Authenticated
public class AdminUsagePages {
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance prices(Form form, boolean priced);
    }

    private final Chrome chrome;
    private final UsageViews views;
    private final Usage usage;

    AdminUsagePages(Chrome chrome, UsageViews views, Usage usage) {
        this.chrome = chrome;
        this.views = views;
        this.usage = usage;
    }

    @GET
    public Response all(@Context UriInfo uri) {
        chrome.admin("usage-admin");
        return views.page(null, uri);
    }

    @GET
    @Path("export.csv")
    public Response export(@Context UriInfo uri) {
        chrome.admin("usage-admin");
        return views.csv(null, uri);
    }

    @GET
    @Path("prices")
    public Response prices() {
        chrome.admin("usage-admin");
        Form form = Form.empty();
        usage.prices().ifPresent(prices -> form.with("currency", prices.currency())
                .with("vcpuHour", plain(prices.vcpuHour()))
                .with("memoryGibHour", plain(prices.memoryGibHour()))
                .with("diskGibHour", plain(prices.diskGibHour())));
        return pricesPage(form);
    }

    @POST
    @Path("prices")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setPrices(MultivaluedMap<String, String> sent) {
        Caller caller = chrome.admin("usage-admin");
        Form form = Form.of(sent);
        try {
            usage.setPrices(
                    caller,
                    new Prices(
                            form.value("currency").strip(),
                            decimal(form.value("vcpuHour")),
                            decimal(form.value("memoryGibHour")),
                            decimal(form.value("diskGibHour"))));
            chrome.say(Flash.done("The prices hold for all days that are shown."));
            return Html.seeOther("/admin/usage");
        } catch (ProblemException e) {
            return pricesPage(form.refuse(e));
        }
    }

    @POST
    @Path("prices/delete")
    public Response deletePrices() {
        usage.setPrices(chrome.admin("usage-admin"), null);
        chrome.say(Flash.done("There are no prices any more."));
        return Html.seeOther("/admin/usage");
    }

    private Response pricesPage(Form form) {
        return Html.page(form.status(), Templates.prices(form, usage.prices().isPresent()));
    }

    private static String plain(BigDecimal price) {
        return price.stripTrailingZeros().toPlainString();
    }

    /** @return null for no number */
    private static BigDecimal decimal(String text) {
        try {
            return text.length() > 30 ? null : new BigDecimal(text.strip());
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
