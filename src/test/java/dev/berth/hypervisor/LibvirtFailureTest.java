package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.HypervisorException.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibvirtFailureTest {
    @ParameterizedTest
    @CsvSource({
        "1, 7, internal error: client socket is closed, UNREACHABLE",
        "38, 7, Cannot recv data: Connection reset by peer, UNREACHABLE",
        "39, 0, RPC error, UNREACHABLE",
        "1, 10, internal error: cannot set up guest memory 'pc.ram': Cannot allocate memory, NO_RESOURCES",
        "38, 18, cannot write to '/var/x': No space left on device, NO_RESOURCES",
        "38, 10, Cannot access storage file '/var/x': No such file or directory, MISSING",
        "43, 19, Network not found: no network with matching name 'x', MISSING",
        "50, 18, no storage vol with matching name, MISSING",
        "27, 20, XML error: <domain>, REJECTED",
        "67, 10, unsupported configuration: x, REJECTED",
        "8, 10, invalid argument: x, REJECTED",
        "68, 10, Timed out during operation: cannot acquire state change lock, FAILED",
        "1, 10, internal error: process exited while connecting to monitor, FAILED"
    })
    void isToldInPlainWords(int code, int domain, String message, Reason reason) {
        HypervisorException explained =
                new LibvirtFailure(code, domain, message).explained("alpha", "start the machine");

        assertThat(explained.reason()).isEqualTo(reason);
        assertThat(explained.getMessage())
                .contains("alpha", "start the machine")
                .doesNotContain("/", "<", message);
        assertThat(explained.getCause()).hasMessage(message);
    }
}
