package dev.berth.hypervisor;

import java.util.Optional;
import java.util.regex.Pattern;
import org.w3c.dom.Element;

/** The user and group, by their numbers, that libvirt has QEMU run as. */
public record QemuUser(int uid, int gid) {
    private static final Pattern LABEL = Pattern.compile("\\+(\\d+):\\+(\\d+)");

    /** libvirt tells it as {@code +64055:+64055}; empty where it names none. */
    static Optional<QemuUser> of(LibvirtXml capabilities) {
        return capabilities.all("host/secmodel/baselabel").stream()
                .map(Element::getTextContent)
                .map(LABEL::matcher)
                .filter(label -> label.matches())
                .map(label -> new QemuUser(Integer.parseInt(label.group(1)), Integer.parseInt(label.group(2))))
                .findFirst();
    }
}
