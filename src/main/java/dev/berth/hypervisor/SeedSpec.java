package dev.berth.hypervisor;

import java.util.List;
import java.util.UUID;

/**
 * What a guest is told at its first boot, by a NoCloud seed (cloud-init's "NoCloud" data source).
 *
 * @param userData the user's own cloud-config or script, as sent, or empty
 */
public record SeedSpec(
        UUID machineId,
        String hostName,
        List<String> sshKeys,
        String userData,
        List<NicSpec> nics,
        List<ShareSpec> shares) {
    /** For a machine that shares no directories. */
    public SeedSpec(UUID machineId, String hostName, List<String> sshKeys, String userData, List<NicSpec> nics) {
        this(machineId, hostName, sshKeys, userData, nics, List.of());
    }
}
