package dev.berth.provisioning;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.BerthConfig;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.security.Caller;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Named;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Secrets with which hosts sign in to storage. An admin gives one once; it goes straight to each host's own secret store,
 * through the worker beside it, and stays nowhere else: not in the database, not in a log, not in an answer.
 */
@ApplicationScoped
@Named("storageSecrets")
public class StorageSecrets {
    /** What iSCSI asks of a CHAP secret (RFC 7143, 9.2.1), and what can be typed. */
    private static final Pattern SECRET = Pattern.compile("[\\x21-\\x7e]{12,128}");

    private final StorageProfiles profiles;
    private final DiskKinds kinds;
    private final Hosts hosts;
    private final BerthConfig config;
    private final Instance<Hypervisors> hypervisors;
    private final SecretLink link;
    private final Audit audit;

    StorageSecrets(
            StorageProfiles profiles,
            DiskKinds kinds,
            Hosts hosts,
            BerthConfig config,
            Instance<Hypervisors> hypervisors,
            SecretLink link,
            Audit audit) {
        this.profiles = profiles;
        this.kinds = kinds;
        this.hosts = hosts;
        this.config = config;
        this.hypervisors = hypervisors;
        this.link = link;
        this.audit = audit;
    }

    /** What became of a secret on a host. @param problem why the host has not got it, or empty */
    public record Kept(String host, String problem) {
        public boolean done() {
            return problem.isEmpty();
        }
    }

    /** Whether hosts sign in to the profile's storage with a secret. */
    public boolean wanted(Profile profile) {
        return kinds.all().stream()
                .filter(kind -> kind.id().equals(profile.kind()))
                .anyMatch(kind -> kind.abilities().contains(Ability.SIGNED_IN));
    }

    /**
     * Gives every host the secret, in place of the one before. A host that is away does not get it: it has to be given
     * again then, as nobody remembers it.
     */
    public List<Kept> keep(Caller caller, String slug, String secret) {
        caller.requireAdmin();
        Profile profile = profiles.get(caller, slug);
        if (!wanted(profile)) {
            throw ProblemException.conflict("no-secret", "Storage of this kind is not signed in to: it has no secret.");
        }
        if (profile.retired() && profiles.usedBy(profile.id()) == 0) {
            throw ProblemException.conflict(
                    "wrong-state", "The profile is retired and nothing uses it: no host keeps a secret for it.");
        }
        if (secret == null || !SECRET.matcher(secret).matches()) {
            throw ProblemException.invalid("secret", "Use 12 to 128 visible ASCII characters without blanks.");
        }
        byte[] value = secret.getBytes(StandardCharsets.US_ASCII);
        try {
            List<Kept> kept = hosts.list().stream()
                    .map(host -> keep(profile, host, value))
                    .toList();
            QuarkusTransaction.joiningExisting().run(() -> {
                audit.record(
                        caller,
                        "storage-profile.secret",
                        Audit.Subject.global("storage-profile", profile.id(), profile.slug()),
                        Map.of("hosts", names(kept, true), "failed", names(kept, false)));
                profiles.check(caller, slug);
            });
            return kept;
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    private static List<String> names(List<Kept> kept, boolean done) {
        return kept.stream().filter(one -> one.done() == done).map(Kept::host).toList();
    }

    private Kept keep(Profile profile, Host host, byte[] value) {
        boolean ours = config.worker() && hypervisors.get().problems().containsKey(host.name());
        return new Kept(host.name(), ours ? keepHere(profile, host.name(), value) : link.send(host, profile, value));
    }

    /** @return why not, or empty */
    String keepHere(Profile profile, String hostName, byte[] value) {
        try {
            hypervisors.get().get(hostName).keepSecret(StorageProfiles.spec(profile), value);
            return "";
        } catch (HypervisorException e) {
            return e.getMessage();
        }
    }
}
