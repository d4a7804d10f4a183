package dev.berth.web;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.Images;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.tenancy.Tenant;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** What is on offer, for those who ask for machines. */
@Path("/t/{tenant}")
@Authenticated
public class CatalogPages {
    @CheckedTemplate(basePath = "pages")
    static class Views {
        static native TemplateInstance catalog(Tenant tenant, List<Template> templates, List<Image> images);

        static native TemplateInstance networks(Tenant tenant, List<Profile> networks, List<Profile> storage);
    }

    private final Chrome chrome;
    private final Templates templates;
    private final Images images;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;

    CatalogPages(Chrome chrome, Templates templates, Images images, NetworkProfiles networks, StorageProfiles storage) {
        this.chrome = chrome;
        this.templates = templates;
        this.images = images;
        this.networks = networks;
        this.storage = storage;
    }

    @GET
    @Path("catalog")
    public Response catalog(@PathParam("tenant") String slug) {
        Tenant tenant = chrome.enter(slug, "catalog");
        List<Template> offered = templates.list(chrome.caller()).stream()
                .filter(template -> template.current().isPresent())
                .toList();
        List<Image> ready = images.list().stream()
                .filter(image -> image.state() == ImageState.READY)
                .toList();
        return Html.page(Views.catalog(tenant, offered, ready));
    }

    @GET
    @Path("networks")
    public Response networks(@PathParam("tenant") String slug) {
        Tenant tenant = chrome.enter(slug, "networks");
        return Html.page(Views.networks(tenant, usable(networks.list(), tenant), usable(storage.list(), tenant)));
    }

    private static List<Profile> usable(List<Profile> profiles, Tenant tenant) {
        return profiles.stream()
                .filter(profile -> profile.usableBy(tenant.id()))
                .toList();
    }
}
