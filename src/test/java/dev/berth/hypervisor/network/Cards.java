package dev.berth.hypervisor.network;

import dev.berth.hypervisor.LibvirtSchema;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Network cards as kinds render them. */
final class Cards {
    static final UUID MACHINE = UUID.fromString("0b8f1f1e-6f0e-4e0e-9d55-3f6a3c1a7c11");

    private Cards() {}

    static NicSpec nic(String kind, Map<String, String> config, String address) {
        NetworkSpec network = new NetworkSpec(UUID.randomUUID(), "lan", kind, config);
        return new NicSpec(MACHINE, network, 1, "52:54:00:a0:00:07", address, "web-1");
    }

    /** Settings with some of them set otherwise: name, value, name, value. */
    static Map<String, String> with(Map<String, String> good, String... changes) {
        Map<String, String> config = new HashMap<>(good);
        for (int index = 0; index < changes.length; index += 2) {
            config.put(changes[index], changes[index + 1]);
        }
        return config;
    }

    /** Holds the card, within a domain, against libvirt's own schema. */
    static void assertValid(String interfaceXml) throws IOException {
        LibvirtSchema.assertValid(
                "domain",
                "<domain type='qemu'><name>x</name><memory unit='MiB'>64</memory>"
                        + "<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>" + interfaceXml
                        + "</devices></domain>");
    }
}
