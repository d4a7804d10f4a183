package dev.berth.requests;

import dev.berth.tenancy.Resource;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A revision of a template that a team proposes. */
@Entity
@Table(name = "template_request")
@DiscriminatorValue("TEMPLATE")
class TemplateRequestEntity extends RequestEntity {
    UUID revisionId;
    String templateSlug;
    String templateName;
    int revisionNumber;
    String imageName;
    String origin;
    String notes;

    @Override
    Request.Kind kind() {
        return Request.Kind.TEMPLATE;
    }

    @Override
    String summary() {
        return "%s, revision %d, with the image %s".formatted(templateName, revisionNumber, imageName);
    }

    @Override
    List<Request.Fact> facts() {
        List<Request.Fact> facts = new ArrayList<>(List.of(
                new Request.Fact("Template", templateName + ", revision " + revisionNumber),
                new Request.Fact("Image", imageName),
                new Request.Fact("Copied from", origin)));
        if (!notes.isEmpty()) {
            facts.add(new Request.Fact("What is new", notes));
        }
        return facts;
    }

    @Override
    Map<Resource, Long> amounts() {
        return Map.of();
    }

    @Override
    String path() {
        return "/t/" + tenantSlug + "/catalog";
    }
}
