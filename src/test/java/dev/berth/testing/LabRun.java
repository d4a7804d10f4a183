package dev.berth.testing;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.TagFilter.includeTags;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the tests with the tag {@code lab} where there is no Maven: in the lab's machine, see {@code deploy/lab}. */
public final class LabRun {
    private LabRun() {}

    /** Says which test runs, and how it ended after how many seconds. */
    private static final class Teller implements TestExecutionListener {
        private final Map<String, Instant> begun = new ConcurrentHashMap<>();

        @Override
        public void executionStarted(TestIdentifier test) {
            begun.put(test.getUniqueId(), Instant.now());
            tell(test, "runs");
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            tell(test, "was skipped: " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            long seconds = Duration.between(begun.get(test.getUniqueId()), Instant.now())
                    .toSeconds();
            String end =
                    switch (result.getStatus()) {
                        case SUCCESSFUL -> "passed";
                        case ABORTED ->
                            "was skipped: "
                                    + result.getThrowable()
                                            .map(Throwable::getMessage)
                                            .orElse("");
                        case FAILED -> "FAILED";
                    };
            tell(test, end + " after " + seconds + " s");
        }

        private static void tell(TestIdentifier test, String what) {
            if (test.isTest()) {
                String container = test.getParentIdObject()
                        .map(id -> id.getLastSegment().getValue())
                        .orElse("");
                System.out.println(container.replaceFirst(".*\\.", "") + "." + test.getDisplayName() + " " + what);
            }
        }
    }

    /** @param arguments what a class's full name has to match */
    public static void main(String[] arguments) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectPackage("dev.berth.hypervisor"))
                .filters(includeTags("lab"), includeClassNamePatterns(arguments[0]))
                .build();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, summary, new Teller());
        TestExecutionSummary done = summary.getSummary();
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        done.printFailuresTo(out, 25);
        out.printf(
                "%d passed, %d failed, %d skipped%n",
                done.getTestsSucceededCount(),
                done.getTotalFailureCount(),
                done.getTestsSkippedCount() + done.getTestsAbortedCount());
        System.exit(done.getTotalFailureCount() == 0 && done.getTestsSucceededCount() > 0 ? 0 : 1);
    }
}
