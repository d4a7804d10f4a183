package dev.berth.tenancy;

import java.util.Locale;
import java.util.UUID;

/**
 * One line of a quota: a resource, or a resource of one profile.
 *
 * @param profileId null for a resource as a whole
 * @param profile the profile's short name, or empty
 */
public record QuotaLine(Resource resource, UUID profileId, String profile) implements Comparable<QuotaLine> {
    public static QuotaLine of(Resource resource) {
        return new QuotaLine(resource, null, "");
    }

    /** GiB of disks on a storage profile. */
    public static QuotaLine storage(UUID profileId, String slug) {
        return new QuotaLine(Resource.STORAGE_GIB, profileId, slug);
    }

    /** Cards, and so addresses, on a network profile. */
    public static QuotaLine addresses(UUID profileId, String slug) {
        return new QuotaLine(Resource.ADDRESSES, profileId, slug);
    }

    static QuotaLine of(String key, String profile) {
        String[] parts = key.split(":", 2);
        return new QuotaLine(
                Resource.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                parts.length == 1 ? null : UUID.fromString(parts[1]),
                profile);
    }

    /** What the database calls it, and what tells two apart. */
    public String key() {
        return profileId == null ? resource.key() : resource.key() + ":" + profileId;
    }

    /** {@code memory}, {@code disk on fast}. */
    public String label() {
        return profileId == null ? resource.label() : resource.label() + " on " + profile;
    }

    /** An amount for people. */
    public String amount(long value) {
        return resource.amount(value);
    }

    /** As people read them. */
    public int compareForPeople(QuotaLine other) {
        int order = resource.compareTo(other.resource);
        return order != 0 ? order : profile.compareTo(other.profile);
    }

    /** The order in which rows are locked, so that two takes can't wait on each other. */
    @Override
    public int compareTo(QuotaLine other) {
        return key().compareTo(other.key());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof QuotaLine line && line.key().equals(key());
    }

    @Override
    public int hashCode() {
        return key().hashCode();
    }
}
