package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.Traits;
import java.util.List;
import java.util.Map;

/** One of KVM's kinds of disk: what it is good for, what it needs, and how libvirt is told about it. */
public interface DiskKind {
    /** The kind's id as in profiles and the API: {@code qcow2}, {@code raw}, {@code lvm}... */
    String id();

    /** What people read where they choose. */
    Traits traits();

    /** The settings an admin fills in. */
    List<KindField> fields();

    /** Problems of the settings by field name, each a sentence that says what to do; empty when all is well. */
    Map<String, String> validate(Map<String, String> config);
}
