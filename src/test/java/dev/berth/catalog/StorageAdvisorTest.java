package dev.berth.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.Advice.Mark;
import dev.berth.catalog.StorageAdvisor.Candidate;
import dev.berth.catalog.StorageAdvisor.Needs;
import dev.berth.hypervisor.disk.DiskFit;
import dev.berth.hypervisor.disk.DiskFit.Speed;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three answers point at a storage, and the others say why not. */
class StorageAdvisorTest {
    private static final List<Candidate> ALL = List.of(
            new Candidate("qcow2", "qcow2 file", new DiskFit(true, Speed.THIN, false, false)),
            new Candidate("raw", "raw file", new DiskFit(false, Speed.FILE, false, false)),
            new Candidate("iscsi", "iSCSI", new DiskFit(false, Speed.NETWORK, true, false)),
            new Candidate("lvm", "LVM", new DiskFit(true, Speed.DEVICE, false, false)),
            new Candidate("block", "Block device", new DiskFit(false, Speed.DEVICE, true, false)),
            new Candidate("share", "Shared directory", new DiskFit(false, Speed.FILE, false, true)));

    private static Map<String, Advice> advise(String states, String pace, String outside) {
        return StorageAdvisor.advise(Needs.of(states, pace, outside), ALL).stream()
                .collect(Collectors.toMap(Advice::key, advice -> advice));
    }

    @ParameterizedTest
    @CsvSource({
        "yes, thin,   '',    qcow2",
        "yes, '',     '',    qcow2",
        "no,  thin,   '',    qcow2",
        "'',  file,   '',    raw",
        "no,  file,   '',    raw",
        "yes, file,   '',    lvm",
        "yes, device, '',    lvm",
        "'',  device, '',    lvm",
        "'',  device, array, block",
        "'',  '',     array, iscsi",
        "no,  file,   array, iscsi",
        "'',  '',     files, share"
    })
    void theSimplestThatDoesItAllFitsBest(String states, String pace, String outside, String best) {
        Map<String, Advice> advice = advise(states, pace, outside);
        assertThat(advice.get(best).mark()).isEqualTo(Mark.BEST);
        assertThat(advice.values())
                .filteredOn(one -> one.mark() == Mark.BEST)
                .as("one alone")
                .hasSize(1);
        assertThat(advice.values()).allMatch(one -> !one.why().isEmpty());
    }

    @Test
    void ofTwoThatFitAlikeTheOneThatWasMeasuredFasterFitsBest() {
        DiskFit alike = new DiskFit(false, Speed.DEVICE, false, false);
        List<Candidate> two = List.of(
                new Candidate("old", "Old disks", alike, 150_000_000, "Here: writes 150 MB/s."),
                new Candidate("new", "New disks", alike, 1_500_000_000, "Here: writes 1,500 MB/s."));
        List<Advice> advice = StorageAdvisor.advise(Needs.of("", "device", ""), two);
        assertThat(Advice.of(advice, "new").mark()).isEqualTo(Mark.BEST);
        assertThat(Advice.of(advice, "old").mark()).isEqualTo(Mark.GOOD);
        assertThat(Advice.of(advice, "new").sentences()).contains("1,500 MB/s");
        assertThat(Advice.of(StorageAdvisor.advise(Needs.of("no", "", ""), two), "old")
                        .mark())
                .as("when nobody asked for speed, it does not count")
                .isEqualTo(Mark.BEST);
    }

    @Test
    void saysWhyOthersDoNotFit() {
        Map<String, Advice> advice = advise("yes", "device", "");
        assertThat(advice.get("raw").mark()).isEqualTo(Mark.POOR);
        assertThat(advice.get("raw").why())
                .containsExactly(
                        "It keeps no states to go back to or to clone from.",
                        "A file system lies between a machine and the medium, which costs a little speed.");
    }

    @Test
    void saysThatMoreThanNeededFitsToo() {
        Advice block = advise("no", "file", "").get("block");
        assertThat(block.mark()).isEqualTo(Mark.GOOD);
        assertThat(block.why()).contains("That is more than you need.");
    }

    @Test
    void pointsAtTheClosestWhenNothingFits() {
        assertThat(StorageAdvisor.advise(Needs.of("yes", "device", ""), ALL.subList(0, 2)))
                .extracting(Advice::mark)
                .containsExactly(Mark.CLOSEST, Mark.POOR);
    }

    @Test
    void saysNothingUnasked() {
        assertThat(StorageAdvisor.advise(Needs.of("", null, "nonsense"), ALL)).isEmpty();
        assertThat(StorageAdvisor.advise(Needs.of("yes", "", ""), List.of())).isEmpty();
    }

    @Test
    void everyAnswerOnTheFormMeansSomething() {
        for (Question question : StorageAdvisor.QUESTIONS) {
            for (Question.Answer answer : question.answers()) {
                Needs needs = Needs.of(
                        question.name().equals("states") ? answer.value() : "",
                        question.name().equals("pace") ? answer.value() : "",
                        question.name().equals("outside") ? answer.value() : "");
                assertThat(needs.any())
                        .as(question.name() + " " + answer)
                        .isEqualTo(!answer.value().isEmpty());
            }
        }
    }
}
