package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands between a device and machines that sit on it by macvtap. */
final class MacvtapCheck {
    private static final Path DRIVER = Path.of("/sys/class/macvtap");
    private static final Path LLDPAD = Path.of("/run/lldpad.pid");
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");
    private static final int[] FIRST_KERNEL = {2, 6, 34};

    private final String host;
    private final HostDevice device;

    MacvtapCheck(String host, HostDevice device) {
        this.host = host;
        this.device = device;
    }

    List<String> problems(Map<String, String> config) {
        List<String> problems = new ArrayList<>();
        String kernel = System.getProperty("os.version");
        if (!isNewEnough(kernel)) {
            problems.add("Host " + host + " runs Linux " + kernel + ", and macvtap needs 2.6.34. Update its kernel.");
        } else if (!hasDriver()) {
            problems.add("Host " + host + "'s kernel has no macvtap driver. Install the package with its modules, and"
                    + " run \"modprobe macvtap\".");
        }
        problems.addAll(deviceProblems(config));
        if (MacvtapSettings.announced(config) && !Files.exists(LLDPAD)) {
            problems.add("802.1Qbg needs lldpad on host " + host
                    + ". Install and start it there, or leave the profile's" + " 802.1Qbg settings empty.");
        }
        problems.addAll(Bandwidth.problemsOn(host, config));
        return problems;
    }

    private List<String> deviceProblems(Map<String, String> config) {
        String name = device.name();
        List<String> problems = new ArrayList<>();
        if (!device.exists()) {
            return List.of("Host " + host + " has no device " + name
                    + ". Name another one in the network profile, or give it this name.");
        }
        if (!device.isEthernet()) {
            problems.add(name + " on host " + host + " is no Ethernet device. Name one that is.");
        }
        if (!device.isUp()) {
            problems.add(
                    "Device " + name + " on host " + host + " is down. Run \"ip link set " + name + " up\" there.");
        }
        device.master()
                .ifPresent(master -> problems.add("Device " + name + " on host " + host + " is a port of " + master
                        + ", which takes all of its frames. Take it out of there, or name another device."));
        if (MacvtapSettings.passthrough(config)) {
            taps(device).stream()
                    .filter(tap -> MacRange.parse(tap.read("address"))
                            .filter(MacRange.of(config)::contains)
                            .isEmpty())
                    .forEach(tap -> problems.add("Device " + name + " on host " + host + " is in use by " + tap.name()
                            + ", and passthrough mode needs it alone. Remove that, or name another device."));
        }
        return problems;
    }

    /** What sits on the device as a machine's card would. */
    static List<HostDevice> taps(HostDevice device) {
        return device.uppers().stream().filter(HostDevice::isMacvtap).toList();
    }

    static boolean isNewEnough(String kernel) {
        Matcher matcher = VERSION.matcher(kernel);
        if (!matcher.matches()) {
            return true;
        }
        for (int part = 0; part < FIRST_KERNEL.length; part++) {
            String text = matcher.group(part + 1);
            int number = text == null ? 0 : Integer.parseInt(text);
            if (number != FIRST_KERNEL[part]) {
                return number > FIRST_KERNEL[part];
            }
        }
        return true;
    }

    /** Built in or loaded, or else to be loaded when it is needed. */
    private static boolean hasDriver() {
        try {
            return Files.exists(DRIVER)
                    || HostCommand.of("modprobe", "--dry-run", "--quiet", "macvtap")
                            .run()
                            .succeeded();
        } catch (HypervisorException e) {
            return false;
        }
    }
}
