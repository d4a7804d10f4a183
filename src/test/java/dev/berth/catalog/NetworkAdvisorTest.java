package dev.berth.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.Advice.Mark;
import dev.berth.catalog.NetworkAdvisor.Candidate;
import dev.berth.catalog.NetworkAdvisor.Needs;
import dev.berth.hypervisor.network.Fit;
import dev.berth.hypervisor.network.Fit.Reach;
import dev.berth.hypervisor.network.Fit.Speed;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three answers point at a network, and the others say why not. */
class NetworkAdvisorTest {
    private static final List<Candidate> ALL = List.of(
            new Candidate("nat", "NAT", new Fit(Reach.OPENED_PORTS, false, Speed.TRANSLATED, true)),
            new Candidate("routed", "Routed", new Fit(Reach.ROUTED, false, Speed.FORWARDED, true)),
            new Candidate("bridge", "Bridge", new Fit(Reach.DIRECT, true, Speed.SWITCHED, true)),
            new Candidate("macvtap", "macvtap", new Fit(Reach.DIRECT, true, Speed.DIRECT, false)));

    private static Map<String, Advice> advise(String reach, String team, String speed) {
        return NetworkAdvisor.advise(Needs.of(reach, team, speed), ALL).stream()
                .collect(Collectors.toMap(Advice::key, advice -> advice));
    }

    @ParameterizedTest
    @CsvSource({
        "opened_ports, no,  translated, nat",
        "opened_ports, '',  '',         nat",
        "'',           no,  '',         nat",
        "'',           '',  translated, nat",
        "routed,       no,  translated, routed",
        "routed,       '',  '',         routed",
        "direct,       '',  '',         bridge",
        "'',           yes, '',         bridge",
        "opened_ports, '',  switched,   bridge",
        "routed,       no,  switched,   bridge",
        "direct,       yes, direct,     macvtap",
        "'',           '',  direct,     macvtap"
    })
    void theSimplestThatDoesItAllFitsBest(String reach, String team, String speed, String best) {
        Map<String, Advice> advice = advise(reach, team, speed);
        assertThat(advice.get(best).mark()).isEqualTo(Mark.BEST);
        assertThat(advice.values())
                .filteredOn(one -> one.mark() == Mark.BEST)
                .as("one alone")
                .hasSize(1);
        assertThat(advice.values()).allMatch(one -> !one.why().isEmpty());
    }

    @Test
    void saysWhyOthersDoNotFit() {
        Map<String, Advice> advice = advise("direct", "yes", "direct");
        assertThat(advice.get("nat").mark()).isEqualTo(Mark.POOR);
        assertThat(advice.get("nat").why())
                .containsExactly(
                        "Others reach a machine through ports that are opened for them.",
                        "The network team sees the host alone, not its machines.",
                        "The host translates and forwards every packet, which costs speed.");
        assertThat(advice.get("bridge").why())
                .containsExactly("The host switches every frame, which costs a little speed.");
        assertThat(advice.get("macvtap").sentences()).contains("its own host can't talk");
    }

    @Test
    void saysThatMoreThanNeededFitsToo() {
        Advice bridge = advise("opened_ports", "no", "translated").get("bridge");
        assertThat(bridge.mark()).isEqualTo(Mark.GOOD);
        assertThat(bridge.why()).contains("That is more than you need.");
    }

    @Test
    void pointsAtTheClosestWhenNothingFits() {
        List<Advice> advice = NetworkAdvisor.advise(Needs.of("direct", "yes", "direct"), ALL.subList(0, 2));
        assertThat(advice).extracting(Advice::mark).containsExactly(Mark.POOR, Mark.CLOSEST);
    }

    @Test
    void ofTwoThatAreAlikeTheFirstIsMarked() {
        List<Candidate> twins =
                List.of(ALL.get(0), new Candidate("nat-2", "NAT 2", ALL.get(0).fit()));
        assertThat(NetworkAdvisor.advise(Needs.of("", "no", ""), twins))
                .extracting(Advice::mark)
                .containsExactly(Mark.BEST, Mark.GOOD);
    }

    @Test
    void saysNothingUnasked() {
        assertThat(NetworkAdvisor.advise(Needs.of("", null, "nonsense"), ALL)).isEmpty();
        assertThat(NetworkAdvisor.advise(Needs.of("routed", "", ""), List.of())).isEmpty();
    }

    @Test
    void everyAnswerOnTheFormMeansSomething() {
        for (Question question : NetworkAdvisor.QUESTIONS) {
            for (Question.Answer answer : question.answers()) {
                Needs needs = Needs.of(
                        question.name().equals("reach") ? answer.value() : "",
                        question.name().equals("team") ? answer.value() : "",
                        question.name().equals("speed") ? answer.value() : "");
                assertThat(needs.any())
                        .as(question.name() + " " + answer)
                        .isEqualTo(!answer.value().isEmpty());
            }
        }
    }
}
