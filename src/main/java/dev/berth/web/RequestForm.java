package dev.berth.web;

import dev.berth.catalog.Advice;
import dev.berth.catalog.NetworkAdvisor;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.Size;
import dev.berth.catalog.StorageAdvisor;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Template;
import dev.berth.catalog.Templates;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Policies;
import dev.berth.requests.Request;
import dev.berth.security.Caller;
import dev.berth.tenancy.SshKey;
import dev.berth.tenancy.SshKeys;
import dev.berth.tenancy.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** The form that asks for a machine: what it offers, and what a filled-in one means. */
@ApplicationScoped
public class RequestForm {
    /** The value of the lease field that means "as many hours as the field beside it says". */
    static final String OTHER = "other";

    private static final List<Integer> PRESETS = List.of(8, 24, 72, 168, 336, 720, 2_160);

    /** A length of lease on offer. */
    public record Lease(String value, int hours, boolean byItself) {}

    /**
     * What the form shows.
     *
     * @param template the template that the choices belong to, or null when there is none
     * @param revision what a request for it gets, or null
     * @param networks those of the revision that this tenant may use
     * @param advice for each of the networks, when the advisor was asked
     * @param storage the same of storage profiles; none where machines have no disk
     * @param storageAdvice for each of the storage profiles, likewise
     */
    public record View(
            Tenant tenant,
            List<Template> templates,
            Template template,
            Revision revision,
            List<Lease> leases,
            List<SshKey> keys,
            Form form,
            String verdict,
            String rule,
            boolean passes,
            List<QuotaBar> bars,
            List<Profile> networks,
            List<Profile> storage,
            List<Advice> advice,
            List<Advice> storageAdvice) {
        /** The card of a template offers its newest approved revision. */
        public Revision offer(Template one) {
            return one.current().orElseThrow();
        }

        /** What the advisor says of a network; null when it was not asked. */
        public Advice advice(Profile network) {
            return Advice.of(advice, network.slug());
        }

        /** The same of a storage profile. */
        public Advice storageAdvice(Profile storage) {
            return Advice.of(storageAdvice, storage.slug());
        }

        public boolean chosen(Template one) {
            return template != null && template.id().equals(one.id());
        }
    }

    private final Templates templates;
    private final MachineRequests requests;
    private final Policies policies;
    private final SshKeys keys;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final SpeedWords speeds;

    RequestForm(
            Templates templates,
            MachineRequests requests,
            Policies policies,
            SshKeys keys,
            NetworkProfiles networks,
            StorageProfiles storage,
            SpeedWords speeds) {
        this.templates = templates;
        this.requests = requests;
        this.policies = policies;
        this.keys = keys;
        this.networks = networks;
        this.storage = storage;
        this.speeds = speeds;
    }

    /** Fills in what was not chosen, so that a person who agrees has nothing to do but send it. */
    View view(Caller caller, Tenant tenant, Form form) {
        List<Template> offered = offered(caller);
        Template template = offered.stream()
                .filter(one -> one.slug().equals(form.value("template")))
                .findFirst()
                .or(() -> offered.stream()
                        .filter(one -> form.value("template").isEmpty())
                        .findFirst())
                .orElse(null);
        Revision revision = template == null ? null : template.current().orElseThrow();
        List<Profile> usableNetworks = revision == null ? List.of() : usable(revision.networks(), tenant);
        boolean diskless = revision != null && revision.boot().diskless();
        List<Profile> usableStorage = revision == null || diskless ? List.of() : usable(revision.storage(), tenant);
        int free = template == null ? 0 : policies.freeLeaseHours(tenant.id(), template, Request.Kind.MACHINE);
        List<Lease> leases = leases(template, free);
        if (revision != null) {
            form.with("template", template.slug());
            settle(
                    form,
                    "size",
                    revision.sizes().stream().filter(size -> !size.retired()).map(Size::slug));
            settle(form, "network", usableNetworks.stream().map(Profile::slug));
            settle(form, "storage", usableStorage.stream().map(Profile::slug));
            settleLease(form, leases, free);
        }
        if (diskless) {
            form.with("storage", "");
        }
        if (form.value("formToken").isEmpty()) {
            form.with("formToken", UUID.randomUUID());
        }
        List<SshKey> mine = keys.list(caller);
        var preview = requests.preview(caller, tenant.slug(), ask(form, mine));
        if (form.refused()) {
            form.alsoWrong(preview.problems());
        }
        return new View(
                tenant,
                offered,
                template,
                revision,
                leases,
                mine,
                form,
                preview.verdict(),
                preview.rule(),
                preview.passes(),
                QuotaBar.ofAll(preview.bars()),
                usableNetworks,
                usableStorage,
                advise(form, usableNetworks),
                adviseStorage(form, usableStorage));
    }

    private List<Advice> adviseStorage(Form form, List<Profile> offered) {
        return StorageAdvisor.advise(
                StorageAdvisor.Needs.of(form.value("states"), form.value("pace"), form.value("outside")),
                offered.stream()
                        .map(profile -> new StorageAdvisor.Candidate(
                                profile.slug(),
                                profile.name(),
                                storage.fit(profile.kind()),
                                speeds.pace(profile.id()),
                                speeds.words(profile.id())))
                        .toList());
    }

    private List<Advice> advise(Form form, List<Profile> offered) {
        return NetworkAdvisor.advise(
                NetworkAdvisor.Needs.of(form.value("reach"), form.value("team"), form.value("speed")),
                offered.stream()
                        .map(network -> new NetworkAdvisor.Candidate(
                                network.slug(), network.name(), networks.fit(network.kind())))
                        .toList());
    }

    private static List<Profile> usable(List<Profile> profiles, Tenant tenant) {
        return profiles.stream()
                .filter(profile -> profile.usableBy(tenant.id()))
                .toList();
    }

    /** The problem of one field as it stands, before the form is sent; empty when there is none. */
    String problem(Caller caller, Tenant tenant, Form form, String field) {
        return requests.preview(caller, tenant.slug(), ask(form, keys.list(caller)))
                .problems()
                .getOrDefault(field, "");
    }

    Request send(Caller caller, Tenant tenant, Form form) {
        Request request = requests.create(caller, tenant.slug(), ask(form, keys.list(caller)), token(form));
        if (form.has("keepKeys", "yes")) {
            form.value("sshKeys").lines().filter(line -> !line.isBlank()).forEach(line -> keys.keep(caller, "", line));
        }
        return request;
    }

    private static Ask ask(Form form, List<SshKey> mine) {
        Stream<String> saved = mine.stream()
                .filter(key -> form.has("key", key.id().toString()))
                .map(SshKey::publicKey);
        List<String> lines = new ArrayList<>(saved.toList());
        form.value("sshKeys").lines().filter(line -> !line.isBlank()).forEach(lines::add);
        return new Ask(
                form.value("template"),
                form.value("size"),
                form.value("name").strip(),
                form.value("network"),
                form.value("storage"),
                lines,
                form.value("userData"),
                form.integer(OTHER.equals(form.value("lease")) ? "leaseHours" : "lease"),
                form.value("reason"));
    }

    private List<Template> offered(Caller caller) {
        return templates.list(caller).stream()
                .filter(template -> template.current()
                        .filter(revision -> revision.boot().ready())
                        .isPresent())
                .toList();
    }

    private static List<Lease> leases(Template template, int free) {
        if (template == null) {
            return List.of();
        }
        return PRESETS.stream()
                .filter(hours -> hours <= template.policy().longestLeaseHours())
                .map(hours -> new Lease(Integer.toString(hours), hours, hours <= free))
                .toList();
    }

    /** The longest preset that needs nobody's yes, up to a week. */
    private static void settleLease(Form form, List<Lease> leases, int free) {
        if (!form.value("lease").isEmpty()) {
            return;
        }
        String lease = leases.stream()
                .filter(one -> one.hours() <= 168 && one.byItself())
                .reduce((shorter, longer) -> longer)
                .map(Lease::value)
                .orElse(OTHER);
        form.with("lease", lease);
        if (lease.equals(OTHER)) {
            form.with("leaseHours", Math.max(1, free));
        }
    }

    private static void settle(Form form, String field, Stream<String> offered) {
        List<String> slugs = offered.toList();
        if (!slugs.contains(form.value(field)) && !slugs.isEmpty()) {
            form.with(field, slugs.get(0));
        }
    }

    private static UUID token(Form form) {
        try {
            return UUID.fromString(form.value("formToken"));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
