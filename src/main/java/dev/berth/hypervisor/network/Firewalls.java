package dev.berth.hypervisor.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Other software's packet filters on a host. What one of them drops is dropped, whatever a table of ours accepts, so
 * the most that Berth can do is to say what to tell it.
 */
final class Firewalls {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A chain as {@code nft -j list chains} tells it; hook and policy are empty for one that is only jumped to. */
    record Chain(String family, String table, String name, String hook, String policy) {
        boolean drops(String at) {
            return hook.equals(at) && policy.equals("drop");
        }
    }

    private Firewalls() {}

    /** Whether nft is installed; a sentence if not, else empty. */
    static List<String> problems(String host) {
        try {
            return HostCommand.of("nft", "--version").run().succeeded() ? List.of() : List.of(install(host));
        } catch (HypervisorException e) {
            return List.of(install(host));
        }
    }

    private static String install(String host) {
        return "Host " + host + " has no nft. Install the package nftables there.";
    }

    /** What to tell other packet filters on the host so that they let this bridge's traffic pass. */
    static List<String> advice(String host, String bridge) {
        HostCommand.Result listed =
                HostCommand.of("nft", "-j", "list", "chains").run();
        if (!listed.succeeded()) {
            return List.of();
        }
        List<String> advice = new ArrayList<>();
        parse(listed.output()).stream()
                .collect(Collectors.groupingBy(
                        chain -> chain.family() + " " + chain.table(), TreeMap::new, Collectors.toList()))
                .forEach((table, chains) -> {
                    List<String> found = advice(host, bridge, table, chains);
                    if (!found.isEmpty() && !mentions(table, bridge)) {
                        advice.addAll(found);
                    }
                });
        return advice;
    }

    /** Somebody has told it already. */
    private static boolean mentions(String table, String bridge) {
        String[] name = table.split(" ", 2);
        String rules =
                HostCommand.of("nft", "list", "table", name[0], name[1]).run().output();
        return rules.contains('"' + bridge + '"') || rules.contains("\"berth*\"");
    }

    static List<Chain> parse(String json) {
        List<Chain> chains = new ArrayList<>();
        try {
            for (JsonNode entry : JSON.readTree(json).path("nftables")) {
                JsonNode chain = entry.path("chain");
                if (!chain.isMissingNode()) {
                    chains.add(new Chain(
                            chain.path("family").asText(),
                            chain.path("table").asText(),
                            chain.path("name").asText(),
                            chain.path("hook").asText(""),
                            chain.path("policy").asText("")));
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("nft gave out JSON that can't be read", e);
        }
        return chains;
    }

    /** What one table's chains ask for. firewalld refuses by its last rule, not by its policy. */
    static List<String> advice(String host, String bridge, String table, List<Chain> chains) {
        if (!table.startsWith("ip ") && !table.startsWith("inet ")) {
            return List.of();
        }
        if (table.endsWith(" firewalld")) {
            return List.of(("firewalld on host %s refuses what comes from or goes to %s. Run there: firewall-cmd"
                            + " --permanent --zone=libvirt --add-interface=%2$s; firewall-cmd --reload")
                    .formatted(host, bridge));
        }
        Set<String> names = chains.stream().map(Chain::name).collect(Collectors.toSet());
        boolean ufw = names.contains("ufw-user-input");
        List<String> advice = new ArrayList<>();
        if (chains.stream().anyMatch(chain -> chain.drops("forward"))) {
            advice.add(forward(host, bridge, table, names.contains("DOCKER-USER"), ufw));
        }
        if (chains.stream().anyMatch(chain -> chain.drops("input"))) {
            advice.add(input(host, bridge, table, ufw));
        }
        return advice;
    }

    private static String forward(String host, String bridge, String table, boolean docker, boolean ufw) {
        if (docker) {
            return ("Docker on host %s drops what machines on %s send and get. Run there, at each start after Docker:"
                            + " iptables -I DOCKER-USER -i %2$s -j ACCEPT; iptables -I DOCKER-USER -o %2$s -j ACCEPT")
                    .formatted(host, bridge);
        }
        if (ufw) {
            return ("ufw on host %s drops what machines on %s send and get. Run there: ufw route allow in on %2$s;"
                            + " ufw route allow out on %2$s")
                    .formatted(host, bridge);
        }
        return ("The packet filter of host %s (nftables' table %s) drops forwarded packets that it does not know. Have"
                        + " it accept those that come from or go to %s.")
                .formatted(host, table, bridge);
    }

    private static String input(String host, String bridge, String table, boolean ufw) {
        if (ufw) {
            return ("ufw on host %s keeps machines on %s from asking for their address. Run there: ufw allow in on %2$s"
                            + " to any port 67 proto udp; ufw allow in on %2$s to any port 53")
                    .formatted(host, bridge);
        }
        return ("The packet filter of host %s (nftables' table %s) drops what comes to the host and is not known. Have"
                        + " it accept DHCP and DNS (UDP 67, UDP and TCP 53) from %s.")
                .formatted(host, table, bridge);
    }
}
