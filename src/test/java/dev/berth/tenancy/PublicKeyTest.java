package dev.berth.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.common.Checks;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Only keys get into authorized_keys: no options, no second line, nothing that only looks like one. */
class PublicKeyTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    @Test
    void nothingButKeysIsTaken() {
        assertThat(PublicKey.parse(KEY + " alice@example.org")).isPresent();
        for (String hostile : List.of(
                "command=\"touch /tmp/x\" " + KEY,
                "no-pty," + KEY,
                KEY + " a\ncommand=\"x\" " + KEY,
                KEY + " a\u0000",
                KEY + " a\u001b[2J",
                "ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAAAAQ==",
                "ssh-ed25519 ////",
                "ssh-ed25519 AAAA;reboot",
                "ssh-dss " + KEY.substring(12),
                "restrict",
                "ssh-ed25519")) {
            assertThat(PublicKey.parse(hostile)).as(hostile).isEmpty();
        }
        Checks checks = new Checks();
        SshKeys.check(List.of(KEY + " a\ncert-authority " + KEY), "sshKeys", checks);
        assertThat(checks.problems()).containsKey("sshKeys");
    }
}
