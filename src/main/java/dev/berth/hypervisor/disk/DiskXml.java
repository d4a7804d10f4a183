package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.XmlTemplates;
import io.quarkus.qute.RawString;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** A disk as a domain's XML has it: what all kinds share around the source that each kind writes itself. */
final class DiskXml {
    private static final Pattern TARGET = Pattern.compile("vd[a-y]");

    private DiskXml() {}

    /**
     * @param type {@code file}, {@code block} or {@code network}
     * @param format {@code raw} or {@code qcow2}
     * @param source the {@code <source>} element, and {@code <backingStore>} where there is one
     */
    static String render(
            XmlTemplates templates, DiskSpec disk, DiskSettings settings, String type, String format, String source) {
        if (!TARGET.matcher(disk.target()).matches()) {
            throw new HypervisorException(Reason.REJECTED, "A disk's name in the guest is one of vda to vdy.");
        }
        Map<String, Object> values = new HashMap<>();
        values.put("type", type);
        values.put("format", format);
        values.put("settings", settings);
        values.put("source", new RawString(source));
        values.put("target", disk.target());
        values.put("serial", disk.serial());
        return templates.render("disk/disk", "disk", values);
    }
}
