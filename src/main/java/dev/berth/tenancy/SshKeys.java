package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The SSH public keys that people keep with Berth. */
@ApplicationScoped
public class SshKeys {
    public static final int MAX_LENGTH = 16_384;
    private static final int MAX_KEYS = 20;

    @ApplicationScoped
    static class SshKeyRepository implements PanacheRepositoryBase<SshKeyEntity, UUID> {}

    private final SshKeyRepository keys;
    private final Audit audit;
    private final Clock clock;

    SshKeys(SshKeyRepository keys, Audit audit, Clock clock) {
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional
    public List<SshKey> list(Caller caller) {
        return keys.find("userId = ?1 order by name, id", caller.userId()).stream()
                .map(SshKeyEntity::toKey)
                .toList();
    }

    /**
     * Checks keys that came with a form and brings them into the one-line form.
     *
     * @return the keys, one a line entry, empty lines left out
     */
    public static List<String> check(List<String> lines, String field, Checks checks) {
        List<String> good = new ArrayList<>();
        List<String> wanted = lines == null
                ? List.of()
                : lines.stream()
                        .flatMap(String::lines)
                        .filter(line -> !line.isBlank())
                        .toList();
        checks.require(field, wanted.size() <= MAX_KEYS, "Use at most " + MAX_KEYS + " keys.");
        for (String line : wanted) {
            var key = line.length() <= MAX_LENGTH ? PublicKey.parse(line) : java.util.Optional.<PublicKey>empty();
            checks.require(
                    field,
                    key.isPresent(),
                    "This is not an SSH public key. Paste the line from a file like ~/.ssh/id_ed25519.pub.");
            key.ifPresent(found -> good.add(found.line()));
        }
        return good;
    }

    /** Keeps the key for the caller; one that is there already stays as it is. */
    @Transactional
    public SshKey keep(Caller caller, String name, String line) {
        Checks checks = new Checks();
        List<String> good = check(List.of(line == null ? "" : line), "publicKey", checks);
        checks.require("publicKey", !good.isEmpty(), "Paste a public key.").throwIfAny();
        PublicKey key = PublicKey.parse(good.get(0)).orElseThrow();
        var existing = keys.find("userId = ?1 and fingerprint = ?2", caller.userId(), key.fingerprint())
                .firstResultOptional();
        if (existing.isPresent()) {
            return existing.get().toKey();
        }
        String title = name == null || name.isBlank() ? key.comment() : name;
        title = title.isBlank() ? key.type() : title;
        new Checks().line("name", title, 100).throwIfAny();
        SshKeyEntity entity = new SshKeyEntity();
        entity.id = UUID.randomUUID();
        entity.userId = caller.userId();
        entity.name = title;
        entity.publicKey = key.line();
        entity.fingerprint = key.fingerprint();
        entity.createdAt = clock.instant();
        keys.persist(entity);
        audit.record(
                caller,
                "ssh-key.add",
                Audit.Subject.global("ssh-key", entity.id, title),
                Map.of("fingerprint", entity.fingerprint));
        return entity.toKey();
    }

    @Transactional
    public void delete(Caller caller, UUID id) {
        SshKeyEntity key = keys.find("id = ?1 and userId = ?2", id, caller.userId())
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("key"));
        keys.delete(key);
        audit.record(
                caller,
                "ssh-key.delete",
                Audit.Subject.global("ssh-key", id, key.name),
                Map.of("fingerprint", key.fingerprint));
    }
}
