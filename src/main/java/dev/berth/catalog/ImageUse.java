package dev.berth.catalog;

import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** What stands on images, as packages above this one know it. */
public interface ImageUse {
    /** What can stand on an image. */
    enum Kind {
        MACHINE("machine"),
        DISK("disk"),
        REQUEST("open request"),
        REVISION("revision");

        private final String noun;

        Kind(String noun) {
            this.noun = noun;
        }

        /** For a count: {@code 3 machines}. */
        public String noun() {
            return noun;
        }
    }

    /**
     * One thing that stands on an image.
     *
     * @param place the short name of its tenant, or of its template
     * @param running whether it runs now, so that it has the image in use
     */
    record Dependent(String id, String name, String place, boolean running) {}

    /** All things of one kind that do. @param first some of them, those that run before others */
    record Dependents(Kind kind, long count, List<Dependent> first) {
        public String words() {
            return count + " " + kind.noun() + (count == 1 ? "" : "s");
        }

        /** How many are not named. */
        public long more() {
            return first.isEmpty() ? 0 : count - first.size();
        }
    }

    /**
     * @param revisionIds the image's revisions
     * @param limit how many of a kind to name
     * @return one for each kind of which there are any
     */
    List<Dependents> of(UUID imageId, Collection<UUID> revisionIds, int limit);
}
