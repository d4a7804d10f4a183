package dev.berth.hypervisor;

import java.util.Map;

/** The libvirt hosts this worker serves: connections opened in the background, watched by keepalive, opened again. */
public interface Hypervisors {
    /** @throws HypervisorException {@code UNREACHABLE} when there is no live connection to it right now */
    Hypervisor get(String host);

    /** For each configured host: empty text when connected, else a sentence about what is wrong. Never blocks. */
    Map<String, String> problems();
}
