package dev.berth.requests;

import dev.berth.catalog.Policy;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Size;
import dev.berth.catalog.Template;
import dev.berth.common.Checks;
import dev.berth.machines.NewMachine;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.SshKeys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/** An ask looked up in the catalogue: what it names, or null where it names nothing on offer; no storage without a disk. */
record Choice(Template template, Revision revision, Size size, Profile network, Profile storage, List<String> keys) {

    /** @param tenantId the tenant that asks: profiles that are private to others are not on offer */
    static Choice of(Ask ask, UUID tenantId, Optional<Template> template, Checks checks) {
        Revision revision = template.flatMap(Template::current)
                .filter(candidate -> candidate.state() == RevisionState.APPROVED)
                .filter(candidate -> candidate.boot().ready())
                .orElse(null);
        checks.require("template", revision != null, "Choose one of the templates on offer.");
        return of(ask, tenantId, template.orElse(null), revision, 0, checks);
    }

    /**
     * A clone's choice: of what its origin's revision offers.
     *
     * @param leastGib what its disk has to hold
     */
    static Choice ofClone(Ask ask, UUID tenantId, Template template, Revision revision, long leastGib, Checks checks) {
        return of(ask, tenantId, template, revision, leastGib, checks);
    }

    private static Choice of(
            Ask ask, UUID tenantId, Template template, Revision revision, long leastGib, Checks checks) {
        Size size = null;
        Profile network = null;
        Profile storage = null;
        if (revision != null) {
            size = revision.sizes().stream()
                    .filter(one -> one.slug().equals(ask.size()) && !one.retired())
                    .findFirst()
                    .orElse(null);
            network = one(revision.networks(), ask.network(), tenantId);
            boolean diskless = revision.boot().diskless();
            storage = diskless ? null : one(revision.storage(), ask.storage(), tenantId);
            Policy policy = template.policy();
            checks.require("size", size != null, "Choose one of the sizes that the template offers.")
                    .require(
                            "size",
                            size == null || size.diskGib() >= leastGib,
                            "Choose a size with a disk of " + leastGib + " GiB at least: the snapshot keeps that much.")
                    .require(
                            "network",
                            network != null,
                            "Choose one of the networks that the template offers your team.")
                    .require(
                            "storage",
                            diskless || storage != null,
                            "Choose one of the storage profiles that the template offers your team.")
                    .range("leaseHours", ask.leaseHours(), 1, policy.longestLeaseHours(), "hours");
        }
        checks.label("name", ask.name())
                .text("reason", ask.reason(), Ask.MAX_REASON)
                .text("userData", ask.userData(), Ask.MAX_USER_DATA)
                .require(
                        "userData",
                        ask.userData().getBytes(StandardCharsets.UTF_8).length <= Ask.MAX_USER_DATA,
                        "Use at most " + Ask.MAX_USER_DATA + " bytes.");
        List<String> keys = SshKeys.check(ask.sshKeys(), "sshKeys", checks);
        return new Choice(template, revision, size, network, storage, keys);
    }

    private static Profile one(List<Profile> offered, String slug, UUID tenantId) {
        return offered.stream()
                .filter(profile -> profile.slug().equals(slug) && profile.usableBy(tenantId))
                .findFirst()
                .orElse(null);
    }

    /** What it takes from the quota, as far as it is chosen. */
    Amounts takes() {
        return size == null ? Amounts.none() : NewMachine.takes(size, network, storage);
    }

    /** @param machines how many of the template's the tenant would have with this one */
    PolicyFacts facts(int leaseHours, LongSupplier machines) {
        return new PolicyFacts(
                size.vcpus(),
                size.memoryMib(),
                size.diskGib(),
                leaseHours,
                machines,
                network == null ? null : network.kind(),
                storage == null ? null : storage.kind());
    }
}
