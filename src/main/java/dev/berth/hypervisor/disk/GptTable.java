package dev.berth.hypervisor.disk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A disk's GPT as sfdisk(8) reads and writes it. The kernel is told of each change by itself (partx(8)), since reading
 * the whole table anew fails as long as any partition of the disk is open.
 *
 * @param first the first sector that a partition may have, {@code last} the last
 */
record GptTable(BlockDevice disk, long first, long last, int sectorBytes, List<Entry> entries) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long KERNEL_SECTOR = 512;
    private static final String LINUX_DATA = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
    private static final Pattern NUMBER = Pattern.compile("p?(\\d+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A partition. @param start and @param sectors in the table's own sectors */
    record Entry(int number, long start, long sectors, UUID uuid, String name, Path node) {}

    /** Room for a partition, begun and ended at whole mebibytes. */
    record Gap(long start, long sectors) {}

    /** Empty when the disk has no GPT. */
    static Optional<GptTable> read(BlockDevice disk) {
        HostCommand.Result result = HostCommand.of(
                        "sfdisk", "--json", disk.real().toString())
                .timeout(PATIENCE)
                .run();
        if (!result.succeeded()) {
            return Optional.empty();
        }
        JsonNode table;
        try {
            table = JSON.readTree(result.output()).path("partitiontable");
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "The partition table of a disk can't be read.", e);
        }
        if (!table.path("label").asText().equals("gpt")) {
            return Optional.empty();
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonNode partition : table.path("partitions")) {
            String node = partition.path("node").asText();
            Matcher number =
                    NUMBER.matcher(node.substring(disk.real().toString().length()));
            if (number.matches()) {
                entries.add(new Entry(
                        Integer.parseInt(number.group(1)),
                        partition.path("start").asLong(),
                        partition.path("size").asLong(),
                        UUID.fromString(partition.path("uuid").asText()),
                        partition.path("name").asText(""),
                        Path.of(node)));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::start));
        return Optional.of(new GptTable(
                disk,
                table.path("firstlba").asLong(),
                table.path("lastlba").asLong(),
                table.path("sectorsize").asInt(512),
                List.copyOf(entries)));
    }

    /** Makes an empty table. Whatever was on the disk is lost. */
    static void make(BlockDevice disk) {
        write(disk, "label: gpt\n", List.of());
    }

    Optional<Entry> find(UUID uuid) {
        return entries.stream().filter(entry -> entry.uuid().equals(uuid)).findFirst();
    }

    /** Where partitions could be made, in their order. */
    List<Gap> gaps() {
        List<Gap> gaps = new ArrayList<>();
        long from = first;
        for (Entry entry : entries) {
            add(gaps, from, entry.start());
            from = Math.max(from, entry.start() + entry.sectors());
        }
        add(gaps, from, last + 1);
        return gaps;
    }

    private void add(List<Gap> gaps, long from, long to) {
        long step = DeviceWipe.MEBIBYTE / sectorBytes;
        long start = (from + step - 1) / step * step;
        long sectors = (to - start) / step * step;
        if (sectors > 0) {
            gaps.add(new Gap(start, sectors));
        }
    }

    long bytes(Gap gap) {
        return gap.sectors() * sectorBytes;
    }

    long bytes(Entry entry) {
        return entry.sectors() * sectorBytes;
    }

    /** Writes one more partition into the table. sfdisk refuses one that overlaps another. */
    void append(Gap at, long bytes, UUID uuid, String name) {
        write(
                disk,
                "start=%d, size=%d, type=%s, uuid=%s, name=\"%s\"%n"
                        .formatted(at.start(), bytes / sectorBytes, LINUX_DATA, uuid, name),
                List.of("--append"));
    }

    void rename(Entry entry, String name) {
        run(disk, "", List.of(), List.of("--part-label"), List.of(Integer.toString(entry.number()), name));
    }

    void remove(Entry entry) {
        run(disk, "", List.of(), List.of("--delete"), List.of(Integer.toString(entry.number())));
    }

    private static void write(BlockDevice disk, String script, List<String> options) {
        run(disk, script, List.of("--wipe", "never", "--wipe-partitions", "never"), options, List.of());
    }

    private static void run(
            BlockDevice disk, String script, List<String> first, List<String> verb, List<String> arguments) {
        List<String> command =
                new ArrayList<>(List.of("sfdisk", "--quiet", "--lock", "--no-reread", "--no-tell-kernel"));
        command.addAll(first);
        command.addAll(verb);
        command.add(disk.real().toString());
        command.addAll(arguments);
        HostCommand.Result result = HostCommand.of(command.toArray(String[]::new))
                .input(script)
                .timeout(PATIENCE)
                .run();
        if (!result.succeeded()) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The partition table of " + disk.path() + " could not be changed: "
                            + result.errors().strip());
        }
    }

    /** Tells the kernel of a partition that it does not know. */
    void tellKernel(Entry entry) {
        if (!Files.exists(system(entry))) {
            partx("--add", entry);
        }
    }

    /** Has the kernel forget a partition. It does not as long as the partition is open. */
    void haveForgotten(Entry entry) {
        if (Files.exists(system(entry))) {
            partx("--delete", entry);
        }
    }

    private void partx(String verb, Entry entry) {
        HostCommand.of(
                        "partx",
                        verb,
                        "--nr",
                        entry.number() + ":" + entry.number(),
                        disk.real().toString())
                .timeout(PATIENCE)
                .run();
    }

    private Path system(Entry entry) {
        return disk.system().resolve(entry.node().getFileName().toString());
    }

    boolean kernelKnows(Entry entry) {
        return number(system(entry).resolve("start")) * KERNEL_SECTOR == entry.start() * sectorBytes
                && number(system(entry).resolve("size")) * KERNEL_SECTOR == bytes(entry);
    }

    /** Whether the kernel has the same partitions as the table. */
    boolean kernelAgrees() {
        return entries.stream().allMatch(this::kernelKnows)
                && known().equals(entries.stream().map(Entry::number).collect(Collectors.toSet()));
    }

    private Set<Integer> known() {
        try (Stream<Path> children = Files.list(disk.system())) {
            return children.map(child -> child.resolve("partition"))
                    .filter(Files::exists)
                    .map(GptTable::number)
                    .map(Long::intValue)
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return Set.of();
        }
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            return -1;
        }
    }
}
