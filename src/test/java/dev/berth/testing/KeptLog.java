package dev.berth.testing;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;

/** What the program logs, failures with it, until it is closed: for what must not be in it. */
public final class KeptLog implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            lines.add(ExtLogRecord.wrap(record).getFormattedMessage());
            for (Throwable thrown = record.getThrown(); thrown != null; thrown = thrown.getCause()) {
                lines.add(String.valueOf(thrown.getMessage()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public KeptLog() {
        ROOT.addHandler(handler);
    }

    public String text() {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        ROOT.removeHandler(handler);
    }
}
