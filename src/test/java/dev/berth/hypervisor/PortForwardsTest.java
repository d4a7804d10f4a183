package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.ForwardSpec.Protocol;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PortForwardsTest {
    private static final UUID INSTALLATION = UUID.randomUUID();
    private static final ForwardSpec SSH = new ForwardSpec(Protocol.TCP, 20_001, "10.20.0.10", 22);
    private static final ForwardSpec DNS = new ForwardSpec(Protocol.UDP, 20_001, "10.20.0.11", 53);
    private static final ForwardSpec WEB = new ForwardSpec(Protocol.TCP, 20_000, "10.20.0.11", 80);

    @Test
    void namesEachPortWhereItLeadsAndThatItIsOpen() {
        assertThat(PortForwards.rules(INSTALLATION, List.of(SSH, DNS, WEB)))
                .contains(
                        """
                          elements = {
                            tcp . 20000 : 10.20.0.11 . 80,
                            tcp . 20001 : 10.20.0.10 . 22,
                            udp . 20001 : 10.20.0.11 . 53
                          }
                        """
                                .indent(0),
                        "20000 . 10.20.0.11 . 80,\n    20001 . 10.20.0.10 . 22\n",
                        "    20001 . 10.20.0.11 . 53\n");
    }

    @Test
    void isTheSameWhateverTheOrder() {
        assertThat(PortForwards.rules(INSTALLATION, List.of(SSH, DNS, WEB)))
                .isEqualTo(PortForwards.rules(INSTALLATION, List.of(WEB, SSH, DNS)))
                .isNotEqualTo(PortForwards.rules(INSTALLATION, List.of(WEB, SSH)));
    }

    @Test
    void hasNoEmptyListOfElements() {
        assertThat(PortForwards.rules(INSTALLATION, List.of())).doesNotContain("elements");
        assertThat(PortForwards.rules(INSTALLATION, List.of(DNS)).split("elements", -1))
                .hasSize(3);
    }
}
