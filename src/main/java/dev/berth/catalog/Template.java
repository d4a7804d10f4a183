package dev.berth.catalog;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What may be requested. Revisions come newest first; the newest approved one is what a request gets. */
public record Template(UUID id, String slug, String name, String description, Policy policy, List<Revision> revisions) {
    public Optional<Revision> current() {
        return revisions.stream()
                .filter(revision -> revision.state() == RevisionState.APPROVED)
                .findFirst();
    }
}
