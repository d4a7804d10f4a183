package dev.berth.testing;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.network.Fit;
import dev.berth.hypervisor.network.NetworkKind;
import io.quarkus.arc.properties.IfBuildProperty;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** A kind whose cards libvirt leaves unplugged, as a VLAN's on a bridge are, and which needs nothing of the kernel. */
@Singleton
@IfBuildProperty(name = UnpluggedNetwork.BUILT_IN, stringValue = "true")
public class UnpluggedNetwork implements NetworkKind {
    public static final String BUILT_IN = "test.unplugged-network";

    @Override
    public String id() {
        return "unplugged";
    }

    @Override
    public Traits traits() {
        return new Traits("Unplugged", "Safe.", "Useless until it is plugged in.", "Plugs it in.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.OPENED_PORTS, false, Fit.Speed.TRANSLATED, false);
    }

    @Override
    public List<KindField> fields() {
        return List.of();
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        return Map.of();
    }

    @Override
    public List<String> addresses(Map<String, String> config) {
        return List.of();
    }

    @Override
    public void plug(NicSpec nic, LibvirtHost host) {
        if (host.cards().find(nic.machineId(), nic.mac()).isPresent()) {
            host.cards().update(nic.machineId(), xml(nic, "up"));
        }
    }

    @Override
    public String render(NicSpec nic) {
        return xml(nic, "down");
    }

    private static String xml(NicSpec nic, String link) {
        return "<interface type='user'><mac address='" + nic.mac() + "'/><model type='virtio'/><link state='" + link
                + "'/></interface>";
    }
}
