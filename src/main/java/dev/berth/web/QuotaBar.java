package dev.berth.web;

import dev.berth.common.Bytes;
import dev.berth.requests.Preview;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Resource;
import java.util.List;

/**
 * One resource of a quota as a bar of three parts, in percent of the bar: what machines hold, what open requests hold,
 * and what is asked for now. When that is more than the limit, the bar is as long as what is asked and a mark shows
 * where the limit lies.
 *
 * @param level {@code ok}, {@code tight} from three quarters of the limit, {@code over}
 * @param words the same without looking at the bar
 * @param limitAt where the limit lies, or 100
 * @param askQuery what asks for as much more as is missing, or empty
 */
public record QuotaBar(
        String key,
        String label,
        String level,
        String words,
        int settled,
        int pending,
        int wanted,
        int limitAt,
        String askQuery) {

    QuotaBar(String key, String label, String level, String words, int settled, int pending, int wanted, int limitAt) {
        this(key, label, level, words, settled, pending, wanted, limitAt, "");
    }

    static QuotaBar of(Preview.Bar bar) {
        return of(bar.use(), bar.wanted());
    }

    static QuotaBar of(QuotaUse use) {
        return of(use, 0);
    }

    static List<QuotaBar> ofAll(List<Preview.Bar> bars) {
        return bars.stream().map(QuotaBar::of).toList();
    }

    static List<QuotaBar> ofUses(List<QuotaUse> uses) {
        return uses.stream().map(QuotaBar::of).toList();
    }

    /** How much of a range is taken. */
    static QuotaBar ofRange(String key, String label, long taken, long size) {
        int percent = percent(taken, size);
        return new QuotaBar(
                key, label, percent >= 75 ? "tight" : "ok", taken + " of " + size + " in use", percent, 0, 0, 100, "");
    }

    /** How much of a limit is taken. */
    static QuotaBar ofLimit(String key, String label, Resource resource, long taken, long most) {
        int percent = percent(taken, Math.max(1, Math.max(taken, most)));
        String level = taken > most ? "over" : taken * 4 >= most * 3 ? "tight" : "ok";
        return new QuotaBar(
                key,
                label,
                level,
                resource.amount(taken) + " of " + resource.amount(most) + " in use",
                percent,
                0,
                0,
                percent(most, Math.max(1, Math.max(taken, most))),
                "");
    }

    /**
     * Room for disks: what is taken of it, and what more its disks may grow to.
     *
     * @param promised the bytes of all disks there, written or not
     */
    static QuotaBar ofSpace(String key, String label, long total, long free, long promised) {
        long used = total - free;
        long whole = Math.max(1, Math.max(total, promised));
        int settled = percent(used, whole);
        String level = promised > total ? "over" : settled >= 75 ? "tight" : "ok";
        return new QuotaBar(
                key,
                label,
                level,
                Bytes.words(used) + " of " + Bytes.words(total) + " in use, "
                        + (promised == 0 ? "nothing" : Bytes.words(promised)) + " promised to disks",
                settled,
                Math.max(0, percent(promised, whole) - settled),
                0,
                percent(total, whole),
                "");
    }

    /** Whole devices: how many are taken, and how much of their room. */
    static QuotaBar ofDevices(String key, String label, long devices, long free, long bytes, long freeBytes) {
        int settled = percent(devices - free, Math.max(1, devices));
        return new QuotaBar(
                key,
                label,
                free == 0 ? "over" : settled >= 75 ? "tight" : "ok",
                free + " of " + devices + (devices == 1 ? " device" : " devices") + " free, "
                        + (free == 0 ? "" : Bytes.words(freeBytes) + " of ") + Bytes.words(bytes)
                        + (free == 0 ? " in all" : ""),
                settled,
                0,
                0,
                100);
    }

    private static QuotaBar of(QuotaUse use, long wanted) {
        long after = use.used() + wanted;
        long whole = Math.max(1, Math.max(use.limit(), after));
        int settled = percent(use.settled(), whole);
        int upToPending = percent(use.used(), whole);
        int upToWanted = percent(after, whole);
        return new QuotaBar(
                use.key(),
                label(use.label()),
                use.level(after),
                words(use, wanted),
                settled,
                upToPending - settled,
                upToWanted - upToPending,
                percent(use.limit(), whole),
                use.personal() || after <= use.limit()
                        ? ""
                        : askQuery(use.resource().key(), use.line().profile(), after - use.limit()));
    }

    /** The rest of the address of the form that asks for more. */
    static String askQuery(String resource, String profile, long more) {
        return "resource=" + resource + "&profile=" + profile + "&more=" + more;
    }

    public int pendingAt() {
        return settled;
    }

    public int wantedAt() {
        return settled + pending;
    }

    /** The level for those who don't see colours; empty when all is well. */
    public String levelWords() {
        return switch (level) {
            case "over" -> "over the limit";
            case "tight" -> "getting tight";
            default -> "";
        };
    }

    private static String words(QuotaUse use, long wanted) {
        Resource resource = use.resource();
        StringBuilder words = new StringBuilder(use.words()).append(" in use");
        if (use.pending() > 0) {
            words.append(", ").append(resource.amount(use.pending())).append(" of it for open requests");
        }
        if (wanted > 0) {
            words.append("; this takes ")
                    .append(resource.amount(wanted))
                    .append(" and makes it ")
                    .append(resource.amount(use.used() + wanted));
        }
        return words.toString();
    }

    private static String label(String label) {
        return label.startsWith("v") ? label : Character.toUpperCase(label.charAt(0)) + label.substring(1);
    }

    private static int percent(long part, long whole) {
        return (int) Math.min(100, Math.round(part * 100.0 / whole));
    }
}
