package dev.berth.testing;

import dev.berth.hypervisor.HostCommand;
import java.util.ArrayList;
import java.util.List;

/** The host's packet filter, looked at and changed behind Berth's back. */
public final class Nft {
    private Nft() {}

    /** What {@code nft} answers, or an exception when it fails. */
    public static String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("nft"));
        command.addAll(List.of(arguments));
        HostCommand.Result result =
                HostCommand.of(command.toArray(String[]::new)).run();
        if (!result.succeeded()) {
            throw new IllegalStateException(String.join(" ", command) + ": " + result.errors());
        }
        return result.output();
    }

    /** The rules of a table of family {@code ip}, or empty when there is no such table. */
    public static String table(String name) {
        return exists(name) ? run("list", "table", "ip", name) : "";
    }

    public static boolean exists(String name) {
        return run("list", "tables", "ip").lines().anyMatch(("table ip " + name)::equals);
    }

    public static void remove(String name) {
        if (exists(name)) {
            run("delete", "table", "ip", name);
        }
    }

    /** The table of the {@code nat} network that libvirt knows by this name. */
    public static String ofNetwork(String network) {
        return "berth_net_" + Virsh.run("net-uuid", network).substring(0, 8);
    }

    /** The table of an installation's open ports. */
    public static String ofInstallation(String installationId) {
        return "berth_fwd_" + installationId.substring(0, 8);
    }
}
