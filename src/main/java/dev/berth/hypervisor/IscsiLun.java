package dev.berth.hypervisor;

/**
 * A logical unit of an iSCSI target (RFC 7143).
 *
 * @param portal {@code host:port}
 * @param target the target's name, {@code iqn...}
 * @param initiator the name that this side signs in with, or empty for QEMU's own
 * @param user for CHAP, or empty to sign in without
 * @param secret for CHAP
 */
public record IscsiLun(String portal, String target, int number, String initiator, String user, byte[] secret) {
    /** Without the secret, whatever becomes of a record's text. */
    @Override
    public String toString() {
        return portal + '/' + target + '/' + number;
    }
}
