package dev.berth.common;

import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;

/**
 * Keeps each message of the log on one line: what somebody sent can't look like a line of the log, nor steer the terminal
 * of whoever reads it. Stack traces stay as they are.
 */
@LoggingFilter(name = "one-line")
public final class OneLine implements Filter {
    @Override
    public boolean isLoggable(LogRecord record) {
        if (record instanceof ExtLogRecord extended) {
            String message = extended.getFormattedMessage();
            if (message != null && !isClean(message)) {
                extended.setMessage(clean(message), ExtLogRecord.FormatStyle.NO_FORMAT);
                extended.setParameters(null);
            }
        }
        return true;
    }

    private static boolean isClean(String text) {
        return text.codePoints().noneMatch(OneLine::breaks);
    }

    /** Control characters, and what else ends a line or changes the direction of writing. */
    private static boolean breaks(int point) {
        return point != '\t' && Character.isISOControl(point)
                || point == 0x2028
                || point == 0x2029
                || Character.getType(point) == Character.FORMAT;
    }

    static String clean(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (point == '\n') {
                out.append("\\n");
            } else if (breaks(point)) {
                out.append(String.format("\\u%04x", point));
            } else {
                out.appendCodePoint(point);
            }
        });
        return out.toString();
    }
}
