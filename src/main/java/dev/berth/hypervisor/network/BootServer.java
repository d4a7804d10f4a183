package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What machines without a disk load from a network.
 *
 * @param file what the DHCP server names: a file on a TFTP server, or an address that iPXE loads by itself; empty for no
 *     network boot
 * @param address the TFTP server's IPv4 address, or empty for the network's own
 * @param directory what the network's own TFTP server gives out, a directory on each host; empty for none
 */
record BootServer(String file, String address, String directory) {
    private static final String FILE = "bootFile";
    private static final String ADDRESS = "bootServer";
    private static final String DIRECTORY = "bootDirectory";
    private static final String PRESENT = "networkBoot";
    private static final String GROUP = "Network boot";

    /** What the DHCP server's own file can hold, which knows no escaping; BOOTP has room for 128 bytes with their end. */
    private static final Pattern FILE_TEXT = Pattern.compile("[A-Za-z0-9/][A-Za-z0-9._/:?=&%~+@-]{0,126}");

    private static final Pattern URL = Pattern.compile("(https?|tftp)://[A-Za-z0-9].*");
    private static final Pattern DIRECTORY_TEXT = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,100}");

    /** Of a network whose DHCP server is Berth's. */
    static final List<KindField> FIELDS = Stream.of(
                    KindField.optional(
                            FILE,
                            "Boot file",
                            "What machines without a disk load: a file on the TFTP server, or an http address that iPXE"
                                    + " loads by itself. Empty: machines can't start from this network.",
                            "boot.ipxe"),
                    KindField.optional(
                            ADDRESS,
                            "TFTP server",
                            "The IPv4 address of a TFTP server that machines on the network reach.",
                            "10.0.0.5"),
                    KindField.optional(
                            DIRECTORY,
                            "TFTP directory",
                            "Or a directory on each host, whose files every machine on the network can then read.",
                            "/srv/tftp/berth"))
            .map(field -> field.in(GROUP))
            .toList();

    /** Of a network that somebody else runs. */
    static final List<KindField> OUTER_FIELDS = List.of(KindField.choice(
                    PRESENT,
                    "Boot server",
                    "Yes: the DHCP server there tells machines what to start from, so that machines without a disk may"
                            + " be made here.",
                    "no",
                    "yes")
            .changeable()
            .in(GROUP));

    static BootServer of(Map<String, String> config) {
        return new BootServer(
                config.getOrDefault(FILE, ""), config.getOrDefault(ADDRESS, ""), config.getOrDefault(DIRECTORY, ""));
    }

    boolean isThere() {
        return !file.isEmpty();
    }

    static boolean isOutside(Map<String, String> config) {
        return "yes".equals(config.get(PRESENT));
    }

    static Map<String, String> outerProblems(Map<String, String> config) {
        return List.of("", "no", "yes").contains(config.getOrDefault(PRESENT, ""))
                ? Map.of()
                : Map.of(PRESENT, "Choose yes or no.");
    }

    static Map<String, String> problems(Map<String, String> config) {
        BootServer boot = of(config);
        Map<String, String> problems = new LinkedHashMap<>();
        if (!boot.address.isEmpty() && Ipv4Net.address(boot.address).isEmpty()) {
            problems.put(ADDRESS, "Write an IPv4 address, for example 10.0.0.5.");
        }
        if (!boot.directory.isEmpty() && !DIRECTORY_TEXT.matcher(boot.directory).matches()) {
            problems.put(
                    DIRECTORY,
                    "Write a directory of its own, for example /srv/tftp/berth: letters, digits, dots and hyphens.");
        }
        boolean served = !boot.address.isEmpty() || !boot.directory.isEmpty();
        if (boot.file.isEmpty()) {
            if (served) {
                problems.put(FILE, "Write which file machines load, or leave the server and the directory empty.");
            }
        } else if (!FILE_TEXT.matcher(boot.file).matches()) {
            problems.put(FILE, "Write a file's name or an http address, at most 127 characters and no spaces.");
        } else if (!served && !URL.matcher(boot.file).matches()) {
            problems.put(FILE, "Say where the file is: name a TFTP server or a directory, or write an http address.");
        }
        if (!boot.address.isEmpty() && !boot.directory.isEmpty()) {
            problems.putIfAbsent(DIRECTORY, "Choose one: a TFTP server that is there, or a directory on the hosts.");
        }
        return problems;
    }

    /** What keeps a host from it. */
    List<String> problemsOn(String host) {
        return directory.isEmpty() || Files.isDirectory(Path.of(directory))
                ? List.of()
                : List.of(
                        "Host " + host + " has no directory " + directory + " for machines to start from. Make it, and"
                                + " put the boot file there, readable for everybody.");
    }
}
