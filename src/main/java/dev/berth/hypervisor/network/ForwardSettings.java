package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which ports of a host tenants may open for their machines, and what people reach them by. */
final class ForwardSettings {
    private static final String PORTS = "forwardPorts";
    private static final String ADDRESS = "forwardAddress";

    /** RFC 1123: what a host name or an IPv4 address looks like. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

    static final List<KindField> FIELDS = List.of(
            KindField.optional(
                            PORTS,
                            "Ports that tenants may open",
                            "The host's ports that people may lead to their machines. Choose some that nothing on the"
                                    + " hosts uses. Empty: nobody can open any.",
                            "20000-20999")
                    .changeable(),
            KindField.optional(
                            ADDRESS,
                            "Address of open ports",
                            "The name or address that people connect to. Empty: the name of the machine's host.",
                            "vms.example.org")
                    .changeable());

    private ForwardSettings() {}

    static Optional<PortRange> ports(Map<String, String> config) {
        return PortRange.parse(config.getOrDefault(PORTS, ""));
    }

    static String address(Map<String, String> config) {
        return config.getOrDefault(ADDRESS, "");
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        if (!config.getOrDefault(PORTS, "").isEmpty() && ports(config).isEmpty()) {
            problems.put(PORTS, "Write the first and the last port, both from 1024 to 65535: for example 20000-20999.");
        }
        if (!address(config).isEmpty() && !NAME.matcher(address(config)).matches()) {
            problems.put(ADDRESS, "Write a host name or an IPv4 address, for example vms.example.org.");
        }
        return problems;
    }
}
