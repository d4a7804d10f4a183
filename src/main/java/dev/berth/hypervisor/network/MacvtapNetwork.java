package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A device of the hosts that machines' cards sit on directly, by the kernel's macvtap driver, without a bridge. */
@Singleton
public class MacvtapNetwork implements OuterNetwork {
    private static final String FILE = "network/macvtap";

    private final XmlTemplates templates;
    private final CardXml cards;

    public MacvtapNetwork(XmlTemplates templates) {
        this.templates = templates;
        this.cards = new CardXml(templates);
    }

    @Override
    public String id() {
        return "macvtap";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "Macvtap",
                "Faster than a bridge. The network team's tools see every machine's port, with VEPA and 802.1Qbg where"
                        + " the switch has them.",
                "A machine and its own host can't reach each other. MAC addresses reach the outer network, where somebody"
                        + " has to manage them, and nothing on the host keeps a machine from taking others' addresses."
                        + " In passthrough mode a device serves one machine at a time.",
                "Each card gets a MAC address of the admin's range for life, never given twice, listed for the network"
                        + " team. Hosts are checked for the device, and a device that is taken is not given twice.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.DIRECT, true, Fit.Speed.DIRECT, false);
    }

    @Override
    public List<KindField> ownFields() {
        return MacvtapSettings.FIELDS;
    }

    @Override
    public Map<String, String> ownProblems(Map<String, String> config) {
        return MacvtapSettings.problems(config);
    }

    /** One in passthrough mode, which takes the whole device, and one where an instance's id is given. */
    @Override
    public int cardsPerHost(Map<String, String> config) {
        boolean one = MacvtapSettings.passthrough(config)
                || !MacvtapSettings.value(config, MacvtapSettings.INSTANCE).isEmpty();
        return one ? 1 : Integer.MAX_VALUE;
    }

    @Override
    public HostCheck check(NetworkSpec network, LibvirtHost host) {
        return HostCheck.problems(new MacvtapCheck(host.name(), device(network)).problems(network.config()));
    }

    /** Refuses a device that another machine has; libvirt would only say that it is busy. */
    @Override
    public void bind(NicSpec nic, LibvirtHost host) {
        if (!MacvtapSettings.passthrough(nic.network().config())) {
            return;
        }
        HostDevice device = device(nic.network());
        Optional<HostDevice> other = MacvtapCheck.taps(device).stream()
                .filter(tap -> !tap.read("address").equals(nic.mac()))
                .findFirst();
        if (other.isPresent()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Device " + device.name() + " on host " + host.name()
                            + " is taken by another machine: in passthrough"
                            + " mode it serves one at a time. Stop that machine and retry, or choose another network.");
        }
    }

    @Override
    public String render(NicSpec nic) {
        Map<String, String> config = nic.network().config();
        String instance = MacvtapSettings.value(config, MacvtapSettings.INSTANCE);
        Map<String, Object> values = new HashMap<>();
        values.put("card", cards.common(nic));
        values.put("device", device(nic.network()).name());
        values.put("mode", MacvtapSettings.mode(config));
        values.put("announced", MacvtapSettings.announced(config));
        values.put("managerId", MacvtapSettings.value(config, MacvtapSettings.MANAGER));
        values.put("typeId", MacvtapSettings.value(config, MacvtapSettings.TYPE));
        values.put("typeVersion", MacvtapSettings.value(config, MacvtapSettings.TYPE_VERSION));
        values.put("instanceId", instance.isEmpty() ? CardXml.portId(nic) : instance);
        values.put("profileId", MacvtapSettings.value(config, MacvtapSettings.PROFILE));
        return templates.render(FILE, "interface", values);
    }

    private static HostDevice device(NetworkSpec network) {
        return new HostDevice(MacvtapSettings.value(network.config(), MacvtapSettings.DEVICE));
    }
}
