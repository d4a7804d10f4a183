package dev.berth.hypervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * qemu-img on the worker's machine. Formats are stated in every call, so that no guest can pass its disk off as an image
 * that points at a file of the host. What is run dies with the worker: two never write to one disk.
 */
public final class QemuImg {
    private static final Duration QUICK = Duration.ofSeconds(60);
    /** How long storage behind a network may take to say what it is: that it is lost is to be seen within half a minute. */
    public static final Duration NETWORK = Duration.ofSeconds(15);

    private static final Duration LONG = Duration.ofHours(24);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How {@code qemu-img compare} ends when guests would see a difference. */
    private static final int DIFFERENT = 1;
    /** {@code -p} writes {@code (12.50/100%)} again and again. */
    private static final Pattern PERCENT = Pattern.compile("\\((\\d+\\.\\d+)/100%\\)");

    /** qemu-img names a source by all its options. */
    private static final String OPTIONS = "'driver=[^']*'";

    private QemuImg() {}

    /** Bytes that a guest sees on the disk. */
    public static long virtualSize(BlockSource source) {
        return info(source).path("virtual-size").asLong();
    }

    /** What {@code qemu-img info} says. The source may be in use by a running machine. */
    public static JsonNode info(BlockSource source) {
        QemuSources sources = new QemuSources();
        List<String> arguments = new ArrayList<>(List.of("info", "-U", "--output=json"));
        if (QemuSources.needsOptions(source)) {
            arguments.addAll(List.of("--image-opts", sources.options(source)));
        } else {
            arguments.addAll(List.of("-f", source.format(), source.path()));
        }
        String output = run("look at the disk", source.lun() == null ? QUICK : NETWORK, arguments, sources);
        try {
            return JSON.readTree(output);
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "qemu-img's description of a disk can't be read.", e);
        }
    }

    /**
     * Copies into a new file, which must not be there.
     *
     * @param bytes the source's virtual size, for the progress
     * @param options as in {@code -o}, for example {@code compat=1.1}
     */
    public static void copy(
            BlockSource from, long bytes, Path to, String format, List<String> options, Progress progress) {
        QemuSources sources = new QemuSources();
        List<String> arguments = new ArrayList<>(List.of("convert", "-p", "-O", format));
        options.forEach(option -> arguments.addAll(List.of("-o", option)));
        String source = source(from, sources, arguments);
        arguments.addAll(List.of(source, to.toString()));
        copying("copy the disk", bytes, progress, arguments, sources);
    }

    /**
     * Copies over what is there: a device, or a disk that was made before and is as large at least.
     *
     * @param bytes the source's virtual size, for the progress
     */
    public static void fill(BlockSource from, long bytes, BlockSource to, Progress progress) {
        QemuSources sources = new QemuSources();
        List<String> arguments = new ArrayList<>(List.of("convert", "-p", "-n"));
        String source = source(from, sources, arguments);
        String target = to.path();
        if (QemuSources.needsOptions(to)) {
            arguments.add("--target-image-opts");
            target = sources.options(to);
        } else {
            arguments.addAll(List.of("-O", to.format()));
        }
        arguments.addAll(List.of(source, target));
        copying("copy the disk", bytes, progress, arguments, sources);
    }

    private static String source(BlockSource from, QemuSources sources, List<String> arguments) {
        if (QemuSources.needsOptions(from)) {
            arguments.add("--image-opts");
            return sources.options(from);
        }
        arguments.addAll(List.of("-f", from.format()));
        if (!from.snapshot().isEmpty()) {
            arguments.addAll(List.of("-U", "-l", "snapshot.name=" + from.snapshot()));
        }
        return from.path();
    }

    /** Makes the bytes from this one on zero. @param total all the bytes of a raw disk, which is as large at least */
    public static void zero(BlockSource raw, long from, long total, Progress progress) {
        if (from < total) {
            QemuSources sources = new QemuSources();
            copying(
                    "wipe the disk",
                    total - from,
                    progress,
                    List.of(
                            "convert",
                            "-p",
                            "-n",
                            "--image-opts",
                            "--target-image-opts",
                            zeros(from, total),
                            part(sources.options(raw), from, total)),
                    sources);
        }
    }

    /** Whether all bytes that are read from this part of a raw disk are zero. */
    public static boolean isZero(BlockSource raw, long from, long to, Progress progress) {
        QemuSources sources = new QemuSources();
        return same(
                "read the disk back",
                to - from,
                progress,
                List.of("compare", "-p", "--image-opts", zeros(from, to), part(sources.options(raw), from, to)),
                sources);
    }

    /** A source of nothing but zeros. */
    private static String zeros(long from, long total) {
        return part("driver=raw,file.driver=null-co,file.read-zeroes=on,file.size=" + total, from, total);
    }

    private static String part(String raw, long from, long total) {
        return raw + ",offset=" + from + ",size=" + (total - from);
    }

    /** Copies a disk into a new file for keeping: compressed and standing alone. */
    public static void pack(BlockSource from, Path to, Progress progress) {
        QemuSources sources = new QemuSources();
        List<String> arguments = new ArrayList<>(List.of("convert", "-p", "-c", "-O", "qcow2"));
        String source = source(from, sources, arguments);
        arguments.addAll(List.of(source, to.toString()));
        copying("copy the disk", virtualSize(from), progress, arguments, sources);
    }

    /**
     * Whether guests see the same on both. One may be larger: what it has more of has to be zero.
     *
     * @throws HypervisorException {@code FAILED} if one of them can't be read
     */
    public static boolean same(BlockSource one, BlockSource other, Progress progress) {
        QemuSources sources = new QemuSources();
        return same(
                "compare the disks",
                Math.max(virtualSize(one), virtualSize(other)),
                progress,
                List.of("compare", "-p", "--image-opts", sources.options(one), sources.options(other)),
                sources);
    }

    /** The names of the snapshots inside a qcow2 file, which may be in use by a running machine. */
    public static List<String> snapshots(BlockSource source) {
        List<String> names = new ArrayList<>();
        info(source)
                .path("snapshots")
                .forEach(each -> names.add(each.path("name").asText()));
        return names;
    }

    /** Takes, reverts to or deletes a snapshot inside a qcow2 file that nobody uses. @param deed -c, -a or -d */
    public static void snapshot(String deed, String name, BlockSource source) {
        // It has no option for the format but this one. A comma in a value is written twice.
        String image = "driver=%s,file.driver=file,file.filename=%s"
                .formatted(source.format(), source.path().replace(",", ",,"));
        run(
                "work on the snapshot",
                LONG,
                List.of("snapshot", "-q", "--image-opts", deed, name, image),
                new QemuSources());
    }

    /** Makes an empty disk. */
    public static void create(Path file, String format, List<String> options, long bytes) {
        List<String> arguments = new ArrayList<>(List.of("create", "-q", "-f", format));
        options.forEach(option -> arguments.addAll(List.of("-o", option)));
        arguments.addAll(List.of(file.toString(), Long.toString(bytes)));
        run("make the disk", LONG, arguments, new QemuSources());
    }

    /** Makes a disk larger. @param preallocation as qemu-img has it, {@code off} for one */
    public static void grow(BlockSource source, long bytes, String preallocation) {
        run(
                "grow the disk",
                LONG,
                List.of(
                        "resize",
                        "-q",
                        "--preallocation=" + preallocation,
                        "-f",
                        source.format(),
                        source.path(),
                        Long.toString(bytes)),
                new QemuSources());
    }

    private static void copying(
            String task, long total, Progress progress, List<String> arguments, QemuSources sources) {
        refuse(task, watched(total, progress, arguments, sources));
        progress.at(total, total);
    }

    private static boolean same(
            String task, long total, Progress progress, List<String> arguments, QemuSources sources) {
        HostCommand.Result result = watched(total, progress, arguments, sources);
        if (!result.timedOut() && result.exitCode() == DIFFERENT) {
            return false;
        }
        refuse(task, result);
        return true;
    }

    private static HostCommand.Result watched(
            long total, Progress progress, List<String> arguments, QemuSources sources) {
        return command(arguments, sources)
                .timeout(LONG)
                .watch(output -> {
                    Matcher percent = PERCENT.matcher(output);
                    if (percent.find()) {
                        progress.at((long) (Double.parseDouble(percent.group(1)) / 100 * total), total);
                    }
                })
                .run();
    }

    private static String run(String task, Duration timeout, List<String> arguments, QemuSources sources) {
        HostCommand.Result result = command(arguments, sources).timeout(timeout).run();
        refuse(task, result);
        return result.output();
    }

    /** @param sources those that stand in the arguments; their secrets go before, behind the name of the command */
    private static HostCommand command(List<String> arguments, QemuSources sources) {
        List<String> command = new ArrayList<>(List.of("qemu-img", arguments.get(0)));
        command.addAll(sources.arguments());
        command.addAll(arguments.subList(1, arguments.size()));
        return HostCommand.of(command.toArray(String[]::new))
                .input(sources.input())
                .dyingWithUs();
    }

    private static void refuse(String task, HostCommand.Result result) {
        if (result.timedOut()) {
            throw new HypervisorException(Reason.FAILED, "The host took too long to " + task + ".");
        }
        if (!result.succeeded()) {
            String said =
                    result.errors().strip().replaceFirst("^qemu-img: ", "").replaceAll(OPTIONS, "it");
            IscsiTrouble.of(said).ifPresent(trouble -> {
                throw trouble.failure();
            });
            boolean full = said.toLowerCase(Locale.ROOT).contains("no space left");
            throw new HypervisorException(
                    full ? Reason.NO_RESOURCES : Reason.FAILED,
                    full
                            ? "There is no room left for the disk on its host. An admin has to make room there."
                            : "The host could not " + task + ": " + said);
        }
    }
}
