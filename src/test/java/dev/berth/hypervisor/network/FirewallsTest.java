package dev.berth.hypervisor.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.network.Firewalls.Chain;
import java.util.List;
import org.junit.jupiter.api.Test;

class FirewallsTest {
    private static final String BRIDGE = "berth0123456789";

    @Test
    void readsWhatNftTells() {
        assertThat(
                        Firewalls.parse(
                                """
                        {"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
                          {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 1, "type": "filter",
                                     "hook": "forward", "prio": 0, "policy": "drop"}},
                          {"chain": {"family": "ip", "table": "filter", "name": "DOCKER-USER", "handle": 2}}]}"""))
                .containsExactly(
                        new Chain("ip", "filter", "FORWARD", "forward", "drop"),
                        new Chain("ip", "filter", "DOCKER-USER", "", ""));
    }

    @Test
    void saysNothingOfChainsThatLetPass() {
        assertThat(advice("ip filter", base("INPUT", "input", "accept"), base("FORWARD", "forward", "accept")))
                .isEmpty();
        assertThat(advice("ip6 filter", base("FORWARD", "forward", "drop"))).isEmpty();
        assertThat(advice("ip filter", base("OUTPUT", "output", "drop"))).isEmpty();
    }

    @Test
    void saysWhatToTellDocker() {
        assertThat(advice("ip filter", base("FORWARD", "forward", "drop"), inner("DOCKER-USER")))
                .singleElement()
                .asString()
                .contains("Docker on host h1", "iptables -I DOCKER-USER -o " + BRIDGE + " -j ACCEPT");
    }

    @Test
    void saysWhatToTellUfw() {
        assertThat(advice(
                        "ip filter",
                        base("INPUT", "input", "drop"),
                        base("FORWARD", "forward", "drop"),
                        inner("ufw-user-input")))
                .hasSize(2)
                .anySatisfy(sentence -> assertThat(sentence).contains("ufw route allow in on " + BRIDGE))
                .anySatisfy(sentence -> assertThat(sentence).contains("port 67"));
    }

    @Test
    void saysWhatToTellFirewalld() {
        assertThat(advice("inet firewalld", base("filter_FORWARD", "forward", "accept")))
                .singleElement()
                .asString()
                .contains("--add-interface=" + BRIDGE);
    }

    @Test
    void namesTheTableOfAnybodyElse() {
        assertThat(advice("inet fence", base("in", "input", "drop"), base("fw", "forward", "drop")))
                .hasSize(2)
                .allSatisfy(sentence -> assertThat(sentence).contains("table inet fence", BRIDGE));
    }

    private static List<String> advice(String table, Chain... chains) {
        return Firewalls.advice("h1", BRIDGE, table, List.of(chains));
    }

    private static Chain base(String name, String hook, String policy) {
        return new Chain("ip", "t", name, hook, policy);
    }

    private static Chain inner(String name) {
        return new Chain("ip", "t", name, "", "");
    }
}
