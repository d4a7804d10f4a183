package dev.berth.web;

import dev.berth.audit.AuditEvent;
import dev.berth.catalog.NetworkAdvisor;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Question;
import dev.berth.catalog.StorageAdvisor;
import dev.berth.common.Hours;
import dev.berth.machines.Forward;
import dev.berth.machines.Forwards;
import dev.berth.machines.Lease;
import dev.berth.machines.Machine;
import dev.berth.requests.Request;
import dev.berth.security.User;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Times and spans in words. Scripts turn the times into the reader's zone; without them they are UTC. */
@Named("words")
@ApplicationScoped
public class Words {
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final Map<String, String> DEEDS = Map.ofEntries(
            Map.entry("request.create", "asked for"),
            Map.entry("request.approve", "approved"),
            Map.entry("request.deny", "denied"),
            Map.entry("request.withdraw", "withdrew the request for"),
            Map.entry("request.endorse", "said yes as an owner to"),
            Map.entry("request.offer", "offered with changes"),
            Map.entry("request.accept", "accepted the changed"),
            Map.entry("request.ask-back", "asked back about"),
            Map.entry("request.answer", "answered about"),
            Map.entry("request.assign", "said who looks at"),
            Map.entry("request.expire", "closed unanswered"),
            Map.entry("policy.set", "set the policy"),
            Map.entry("policy.delete", "deleted the policy"),
            Map.entry("machine.start", "started"),
            Map.entry("machine.stop", "stopped"),
            Map.entry("machine.reboot", "rebooted"),
            Map.entry("machine.reset", "reset"),
            Map.entry("machine.create", "tried again to make"),
            Map.entry("machine.delete", "asked to delete"),
            Map.entry("machine.extend", "set the lease of"),
            Map.entry("machine.resize", "changed the size of"),
            Map.entry("machine.warn-lease", "warned of the lease of"),
            Map.entry("machine.end-lease", "ended the lease of"),
            Map.entry("machine.restore-lease", "went on with the lease of"),
            Map.entry("calendar.make", "made a calendar address for"),
            Map.entry("calendar.revoke", "revoked the calendar address of"),
            Map.entry("machine.pin", "pinned"),
            Map.entry("machine.unpin", "unpinned"),
            Map.entry("machine.network", "tried again to change the network cards of"),
            Map.entry("machine.add-card", "added a network card to"),
            Map.entry("machine.remove-card", "removed a network card from"),
            Map.entry("machine.add-share", "shared a directory with"),
            Map.entry("machine.remove-share", "shared a directory no longer with"),
            Map.entry("machine.move", "tried again to move a disk of"),
            Map.entry("machine.disks", "tried again to change the disks of"),
            Map.entry("disk.add", "added the disk"),
            Map.entry("disk.attach", "attached the disk"),
            Map.entry("disk.detach", "detached the disk"),
            Map.entry("disk.grow", "made larger the disk"),
            Map.entry("disk.delete", "asked to delete the disk"),
            Map.entry("disk.gone", "deleted the disk"),
            Map.entry("storage-limit.set", "set a storage limit of"),
            Map.entry("disk.move", "moved a disk of"),
            Map.entry("disk.confirm-move", "deleted the old disk of"),
            Map.entry("disk.undo-move", "went back to the old disk of"),
            Map.entry("disk.fail-move", "could not move a disk of"),
            Map.entry("machine.snapshot", "tried again to work on the snapshots of"),
            Map.entry("machine.revert", "tried again to revert"),
            Map.entry("snapshot.take", "took a snapshot of"),
            Map.entry("snapshot.revert", "reverted to a snapshot"),
            Map.entry("snapshot.delete", "deleted a snapshot of"),
            Map.entry("machine.capture", "tried again to make an image of"),
            Map.entry("disk.capture", "made an image of"),
            Map.entry("disk.cancel-capture", "stopped an image of"),
            Map.entry("disk.fail-capture", "could not make an image of"),
            Map.entry("machine.fail", "gave up on"),
            Map.entry("machine.gone", "deleted"),
            Map.entry("job.run-now", "hurried the job of"),
            Map.entry("tenant.create", "made the team"),
            Map.entry("member.add", "added the member"),
            Map.entry("member.set-role", "changed the role of"),
            Map.entry("member.remove", "removed the member"),
            Map.entry("user.create", "made the user"),
            Map.entry("user.set-roles", "set the roles of the user"),
            Map.entry("user.disable", "disabled the user"),
            Map.entry("user.enable", "enabled the user"),
            Map.entry("user.set-password", "set the password of"),
            Map.entry("user.change-password", "changed the password of"),
            Map.entry("user.confirm-email", "confirmed the mail address of"),
            Map.entry("user.set-email", "set the mail address of"),
            Map.entry("token.create", "made the token"),
            Map.entry("token.revoke", "revoked the token"),
            Map.entry("prices.set", "set"),
            Map.entry("webhook.create", "made the webhook"),
            Map.entry("webhook.delete", "deleted the webhook"),
            Map.entry("forward.open", "opened a port of"),
            Map.entry("forward.close", "closed a port of"),
            Map.entry("quota.set", "set the limits of"),
            Map.entry("quota.grant", "granted for a while more to"),
            Map.entry("quota.end-grant", "ended what was granted to"),
            Map.entry("quota.follow", "chose the plan of"),
            Map.entry("quota.share", "set members' shares of"),
            Map.entry("stray.remove", "removed from its host the stray"),
            Map.entry("quota.repair", "repaired the ledger of"),
            Map.entry("quota.stopped-machines", "said what stopped machines hold for"),
            Map.entry("plan.set", "set the plan"),
            Map.entry("plan.delete", "deleted the plan"),
            Map.entry("template.create", "made the template"),
            Map.entry("template.set-policy", "set the policy of"),
            Map.entry("template.revise", "revised"),
            Map.entry("template.set-state", "changed a revision of"),
            Map.entry("image.import", "imported"),
            Map.entry("image.fetch", "began to fetch the image"),
            Map.entry("image.cancel-fetch", "stopped fetching the image"),
            Map.entry("image.fail-fetch", "could not fetch the image"),
            Map.entry("image.retire", "retired"),
            Map.entry("image.quarantine", "quarantined"),
            Map.entry("image.check", "had checked"),
            Map.entry("image.release", "released from quarantine"),
            Map.entry("image.remove", "removed"),
            Map.entry("size.create", "made the size"),
            Map.entry("size.retire", "retired"),
            Map.entry("network-profile.create", "made the network"),
            Map.entry("network-profile.update", "changed the network"),
            Map.entry("network-profile.retire", "retired"),
            Map.entry("network-profile.restore", "offered again"),
            Map.entry("storage-profile.create", "made the storage"),
            Map.entry("storage-profile.update", "changed the storage"),
            Map.entry("storage-profile.retire", "retired"),
            Map.entry("storage-profile.restore", "offered again"),
            Map.entry("storage-profile.measure", "had hosts measure"),
            Map.entry("host.set-state", "changed the state of"),
            Map.entry("ssh-key.add", "added the key"),
            Map.entry("ssh-key.delete", "deleted the key"));
    private static final Duration TIGHT = Duration.ofDays(7);
    private static final Duration URGENT = Duration.ofDays(1);

    private final Clock clock;

    Words(Clock clock) {
        this.clock = clock;
    }

    /** {@code 23 Nov 2026, 13:05 UTC}. */
    public String utc(Instant at) {
        return at == null ? "never" : UTC.format(at) + " UTC";
    }

    /** For {@code datetime} attributes. */
    public String iso(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** {@code 5 minutes ago}, {@code in 3 days}. */
    public String ago(Instant at) {
        if (at == null) {
            return "never";
        }
        Duration past = Duration.between(at, clock.instant());
        if (past.abs().toSeconds() < 45) {
            return "just now";
        }
        return past.isNegative() ? "in " + span(past.abs()) : span(past) + " ago";
    }

    /** {@code in 30 s}, {@code in 5 minutes}, {@code now}. */
    public String soon(Instant at) {
        Duration left = Duration.between(clock.instant(), at);
        if (left.toSeconds() < 1) {
            return "now";
        }
        return left.toSeconds() < 90 ? "in " + left.toSeconds() + " s" : "in " + span(left);
    }

    /** How much of the lease is left. */
    public String lease(Machine machine) {
        Lease lease = machine.lease();
        if (lease.pinned()) {
            return "No end";
        }
        if (lease.grace()) {
            return "Ended; deleted " + soon(lease.deleteAt());
        }
        Duration left = Duration.between(clock.instant(), lease.until());
        return left.isNegative() || left.isZero() ? "Ended " + ago(lease.until()) : span(left) + " left";
    }

    /** {@code ok}, {@code tight} or {@code over}; a lease that is short from the start is not urgent from the start. */
    public String leaseLevel(Machine machine) {
        Lease lease = machine.lease();
        if (lease.pinned()) {
            return "ok";
        }
        Duration left = Duration.between(clock.instant(), lease.until());
        Duration term = lease.since() == null ? Duration.ZERO : Duration.between(lease.since(), lease.until());
        if (lease.grace() || left.compareTo(least(URGENT, term.dividedBy(4))) < 0) {
            return "over";
        }
        return left.compareTo(least(TIGHT, term.dividedBy(2))) < 0 ? "tight" : "ok";
    }

    /** What came of setting a lease. */
    String leaseSet(Machine machine) {
        return machine.lease().pinned()
                ? machine.name() + " is pinned: its lease has no end."
                : "The lease of " + machine.name() + " ends " + utc(machine.leaseUntil()) + ": " + lease(machine) + '.';
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** {@code 3 days}, {@code 12 hours}. */
    public String hours(int hours) {
        return Hours.words(hours);
    }

    /** {@code 1 machine}, {@code 3 machines}. */
    public String count(int number, String noun) {
        return count((long) number, noun);
    }

    public String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** {@code 1st}, {@code 12th}. */
    static String ordinal(long number) {
        long last = number % 10;
        boolean teen = number % 100 / 10 == 1;
        return number + (teen || last == 0 || last > 3 ? "th" : last == 1 ? "st" : last == 2 ? "nd" : "rd");
    }

    /** {@code Memory, MiB}: what a limit's field is called. */
    public String limit(Resource resource) {
        String label = resource.label().startsWith("v")
                ? resource.label()
                : Character.toUpperCase(resource.label().charAt(0))
                        + resource.label().substring(1);
        return resource.unit().isEmpty() ? label : label + ", " + resource.unit();
    }

    /** What the advisor on networks asks. */
    public List<Question> questions(String family) {
        return family.equals("networks") ? NetworkAdvisor.QUESTIONS : StorageAdvisor.QUESTIONS;
    }

    /** The names of those of these profiles that the tenant may use. */
    public String usable(List<Profile> profiles, Tenant tenant) {
        String names = profiles.stream()
                .filter(profile -> profile.usableBy(tenant.id()))
                .map(Profile::name)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none for this team" : names;
    }

    /** {@code All teams}, or the names of those that something is private to. */
    public String teams(List<Tenant> tenants) {
        return tenants.isEmpty()
                ? "All teams"
                : tenants.stream().map(Tenant::name).collect(Collectors.joining(", "));
    }

    /** What somebody did, so that its subject's name may follow: {@code asked for}. */
    public String did(AuditEvent event) {
        return DEEDS.getOrDefault(
                event.action(), event.action().replace('.', ' ').replace('-', ' '));
    }

    public String revision(int number) {
        return "revision " + number;
    }

    /** For a query in a link. */
    public String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    public String text(Object value) {
        return String.valueOf(value);
    }

    /** {@code Ports of web-1}. */
    public String ports(Machine machine) {
        return "Ports of " + machine.name();
    }

    /** {@code port 20001 TCP}. */
    public String portOf(Forward forward) {
        return "port " + forward.hostPort() + " " + forward.protocol();
    }

    /** Which ports of the host there are to choose from. */
    public String portHelp(Forwards.Offer offer) {
        return "One from " + offer.range().first() + " to " + offer.range().last() + " of " + offer.hostAddress()
                + ". Empty takes the next free one.";
    }

    /** Where a machine's page is. */
    public String url(Machine machine) {
        return "/t/" + machine.tenantSlug() + "/machines/" + machine.id();
    }

    /** What becomes of a request. */
    public String url(Request request, String verb) {
        return path("/t", request.tenantSlug(), "requests", request.id().toString(), verb);
    }

    /** For names that are put together. */
    public String join(String one, String other) {
        return one + other;
    }

    public String path(String base, String... parts) {
        return base + '/' + String.join("/", parts);
    }

    /** A browser by what it calls itself: {@code Firefox on Linux}, or as it says where that tells nothing. */
    public String browser(String agent) {
        String name = known(agent, List.of("Firefox", "Edg", "OPR", "Chrome", "Safari"));
        String system = known(agent, List.of("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"));
        if (name.isEmpty()) {
            return agent.isBlank() ? "A browser" : agent;
        }
        String plain = name.equals("Edg") ? "Edge" : name.equals("OPR") ? "Opera" : name;
        return system.isEmpty() ? plain : plain + " on " + system;
    }

    private static String known(String agent, List<String> names) {
        return names.stream().filter(agent::contains).findFirst().orElse("");
    }

    /** What a person is beyond the teams. */
    public String roles(User user) {
        if (user.admin()) {
            return user.auditor() ? "Admin and auditor" : "Admin";
        }
        return user.auditor() ? "Auditor" : "User";
    }

    /** {@code IN_REVIEW} as {@code in-review}, for CSS classes and comparisons. */
    public String key(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@code IN_REVIEW} as {@code In review}. */
    public String state(Enum<?> state) {
        String words = state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /** {@code 1.5 GiB} of this many bytes. */
    static String bytes(long bytes) {
        double mib = bytes / 1024.0 / 1024.0;
        return mib >= 1024
                ? String.format(Locale.ROOT, "%.1f GiB", mib / 1024)
                : String.format(Locale.ROOT, "%.0f MiB", Math.max(1, mib));
    }

    /** The same for pages. */
    public String size(long bytes) {
        return bytes(bytes);
    }

    /** {@code 1.5 GiB}. */
    public String memory(long mib) {
        return mib >= 1024
                ? String.format(Locale.ROOT, mib % 1024 == 0 ? "%.0f GiB" : "%.1f GiB", mib / 1024.0)
                : mib + " MiB";
    }

    private String span(Duration span) {
        long minutes = Math.max(1, Math.round(span.toSeconds() / 60.0));
        if (minutes < 90) {
            return count(minutes, "minute");
        }
        long hours = Math.round(minutes / 60.0);
        return hours < 48 ? count(hours, "hour") : count(Math.round(hours / 24.0), "day");
    }

    /** {@code 10 GiB}, or that there is none. */
    public static String disk(long gib) {
        return gib == 0 ? "no disk" : gib + " GiB";
    }
}
