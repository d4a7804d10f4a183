package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.Traits;
import java.util.List;
import java.util.Map;

/** One of KVM's kinds of network: what it is good for, what it needs, and how libvirt is told about it. */
public interface NetworkKind {
    /** The kind's id as in profiles and the API: {@code nat}, {@code routed}, {@code bridge}... */
    String id();

    /** What people read where they choose. */
    Traits traits();

    /** The settings an admin fills in. */
    List<KindField> fields();

    /** Problems of the settings by field name, each a sentence that says what to do; empty when all is well. */
    Map<String, String> validate(Map<String, String> config);

    /** Addresses Berth may hand out under these settings, in order, or empty where the kind manages none. */
    List<String> addresses(Map<String, String> config);
}
