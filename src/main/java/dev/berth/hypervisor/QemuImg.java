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
    private static final Duration LONG = Duration.ofHours(24);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How {@code qemu-img compare} ends when guests would see a difference. */
    private static final int DIFFERENT = 1;
    /** {@code -p} writes {@code (12.50/100%)} again and again. */
    private static final Pattern PERCENT = Pattern.compile("\\((\\d+\\.\\d+)/100%\\)");

    private QemuImg() {}

    /** Bytes that a guest sees on the disk. */
    public static long virtualSize(BlockSource source) {
        return info(source).path("virtual-size").asLong();
    }

    /** What {@code qemu-img info} says. The source may be in use by a running machine. */
    public static JsonNode info(BlockSource source) {
        String output = run("look at the disk", "info", "-U", "--output=json", "-f", source.format(), source.path());
        try {
            return JSON.readTree(output);
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "qemu-img's description of a disk can't be read.", e);
        }
    }

    /** Copies into a new file, which must not be there. @param options as in {@code -o}, for example {@code compat=1.1} */
    public static void copy(BlockSource from, Path to, String format, List<String> options, Progress progress) {
        List<String> arguments = new ArrayList<>(List.of("convert", "-p"));
        arguments.addAll(reading(from));
        arguments.addAll(List.of("-O", format));
        options.forEach(option -> arguments.addAll(List.of("-o", option)));
        arguments.addAll(List.of(from.path(), to.toString()));
        copying(virtualSize(from), progress, arguments);
    }

    /** Copies over what is there: a device, or a disk that was made before and is as large at least. */
    public static void fill(BlockSource from, BlockSource to, Progress progress) {
        List<String> arguments = new ArrayList<>(List.of("convert", "-p", "-n"));
        arguments.addAll(reading(from));
        arguments.addAll(List.of("-O", to.format(), from.path(), to.path()));
        copying(virtualSize(from), progress, arguments);
    }

    private static List<String> reading(BlockSource from) {
        return from.snapshot().isEmpty()
                ? List.of("-f", from.format())
                : List.of("-f", from.format(), "-U", "-l", "snapshot.name=" + from.snapshot());
    }

    /** Copies a disk into a new file for keeping: compressed and standing alone. */
    public static void pack(BlockSource from, Path to, Progress progress) {
        copying(
                virtualSize(from),
                progress,
                List.of("convert", "-p", "-c", "-f", from.format(), "-O", "qcow2", from.path(), to.toString()));
    }

    /**
     * Whether guests see the same on both. One may be larger: what it has more of has to be zero.
     *
     * @throws HypervisorException {@code FAILED} if one of them can't be read
     */
    public static boolean same(BlockSource one, BlockSource other, Progress progress) {
        HostCommand.Result result = watched(
                Math.max(virtualSize(one), virtualSize(other)),
                progress,
                List.of("compare", "-p", "-f", one.format(), "-F", other.format(), one.path(), other.path()));
        if (!result.timedOut() && result.exitCode() == DIFFERENT) {
            return false;
        }
        refuse("compare the disks", result);
        return true;
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
        run("work on the snapshot", LONG, List.of("snapshot", "-q", "--image-opts", deed, name, image));
    }

    /** Makes an empty disk. */
    public static void create(Path file, String format, List<String> options, long bytes) {
        List<String> arguments = new ArrayList<>(List.of("create", "-q", "-f", format));
        options.forEach(option -> arguments.addAll(List.of("-o", option)));
        arguments.addAll(List.of(file.toString(), Long.toString(bytes)));
        run("make the disk", LONG, arguments);
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
                        Long.toString(bytes)));
    }

    private static void copying(long total, Progress progress, List<String> arguments) {
        refuse("copy the disk", watched(total, progress, arguments));
        progress.at(total, total);
    }

    private static HostCommand.Result watched(long total, Progress progress, List<String> arguments) {
        return command(arguments)
                .timeout(LONG)
                .watch(output -> {
                    Matcher percent = PERCENT.matcher(output);
                    if (percent.find()) {
                        progress.at((long) (Double.parseDouble(percent.group(1)) / 100 * total), total);
                    }
                })
                .run();
    }

    private static String run(String task, String... arguments) {
        return run(task, QUICK, List.of(arguments));
    }

    private static String run(String task, Duration timeout, List<String> arguments) {
        HostCommand.Result result = command(arguments).timeout(timeout).run();
        refuse(task, result);
        return result.output();
    }

    private static HostCommand command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(arguments);
        return HostCommand.of(command.toArray(String[]::new)).dyingWithUs();
    }

    private static void refuse(String task, HostCommand.Result result) {
        if (result.timedOut()) {
            throw new HypervisorException(Reason.FAILED, "The host took too long to " + task + ".");
        }
        if (!result.succeeded()) {
            String said = result.errors().strip().replaceFirst("^qemu-img: ", "");
            boolean full = said.toLowerCase(Locale.ROOT).contains("no space left");
            throw new HypervisorException(
                    full ? Reason.NO_RESOURCES : Reason.FAILED,
                    full
                            ? "There is no room left for the disk on its host. An admin has to make room there."
                            : "The host could not " + task + ": " + said);
        }
    }
}
