package dev.berth.requests;

import java.util.List;

/**
 * What a person asks for, in the names of the catalogue.
 *
 * @param sshKeys public keys in the one-line form
 * @param userData cloud-config or a script for the guest's first boot, or empty
 */
public record Ask(
        String template,
        String size,
        String name,
        String network,
        String storage,
        List<String> sshKeys,
        String userData,
        int leaseHours,
        String reason) {
    public static final int MAX_USER_DATA = 16_384;
    public static final int MAX_REASON = 1_000;

    public Ask {
        name = name == null ? "" : name;
        sshKeys = sshKeys == null ? List.of() : List.copyOf(sshKeys);
        userData = userData == null ? "" : userData;
        reason = reason == null ? "" : reason;
    }
}
