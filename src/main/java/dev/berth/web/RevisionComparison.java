package dev.berth.web;

import dev.berth.catalog.Image;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Size;
import dev.berth.catalog.Template;
import dev.berth.common.ProblemException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Two revisions of a template side by side, the older one first.
 *
 * @param one null, and so the other, when the template has fewer than two
 */
public record RevisionComparison(Template template, Revision one, Revision other, List<Line> lines) {
    /** One thing about both. */
    public record Line(String label, String one, String other) {
        public boolean same() {
            return one.equals(other);
        }
    }

    static RevisionComparison of(Template template, Integer first, Integer second) {
        List<Revision> all = template.revisions();
        if (all.size() < 2) {
            return new RevisionComparison(template, null, null, List.of());
        }
        Revision newest = all.get(0);
        Revision right = second == null ? newest : find(all, second);
        Revision left = first == null ? usual(all, right) : find(all, first);
        Revision older = left.number() <= right.number() ? left : right;
        Revision newer = older == left ? right : left;
        return new RevisionComparison(template, older, newer, lines(older, newer));
    }

    /** What people get now, or else the one before. */
    private static Revision usual(List<Revision> all, Revision right) {
        return all.stream()
                .filter(one -> one.number() != right.number())
                .max(Comparator.comparing((Revision one) -> one.state() == RevisionState.APPROVED)
                        .thenComparing(Revision::number))
                .orElseThrow();
    }

    private static Revision find(List<Revision> all, int number) {
        return all.stream()
                .filter(one -> one.number() == number)
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("revision"));
    }

    private static List<Line> lines(Revision one, Revision other) {
        return List.of(
                line("Starts from", one, other, revision -> revision.boot().words()),
                line("Digests (SHA-256)", one, other, revision -> files(revision, Image::sha256)),
                line("Formats", one, other, revision -> files(revision, Image::format)),
                line("Disk needed", one, other, RevisionComparison::disk),
                line("Files", one, other, revision -> files(revision, Image::fileSize)),
                line("Command line", one, other, revision -> revision.boot().commandLine()),
                line("Sizes", one, other, revision -> list(revision.sizes(), Size::name)),
                line("Networks", one, other, revision -> list(revision.networks(), Profile::name)),
                line("Storage", one, other, revision -> list(revision.storage(), Profile::name)),
                line("Shared directories", one, other, revision -> list(revision.shares(), Profile::name)),
                line("Notes", one, other, Revision::notes));
    }

    private static String files(Revision revision, Function<Image, String> words) {
        return list(revision.boot().files(), words);
    }

    private static String disk(Revision revision) {
        return revision.boot().diskless() ? "none" : revision.boot().image().virtualSize();
    }

    private static Line line(String label, Revision one, Revision other, Function<Revision, String> words) {
        return new Line(label, words.apply(one), words.apply(other));
    }

    private static <T> String list(List<T> things, Function<T, String> name) {
        return things.stream().map(name).reduce((a, b) -> a + ", " + b).orElse("none");
    }
}
