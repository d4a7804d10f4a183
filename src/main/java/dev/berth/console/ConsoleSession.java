package dev.berth.console;

import dev.berth.console.ConsoleTickets.Admission;
import dev.berth.console.Pump.Wire;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One browser's connection to one machine's screen: how it begins, why it ends. Lives on the event loop that accepted
 * the browser.
 */
final class ConsoleSession {
    private static final Logger LOG = Logger.getLogger(ConsoleSession.class);
    private static final int UNANSWERED_PINGS = 2;

    private final Context context = Vertx.currentContext();
    private final Vertx vertx;
    private final ServerWebSocket browser;
    private final HttpConnection connection;
    private final BiConsumer<ConsoleSession, Ending> whenEnded;
    private Admission admission;
    private NetSocket screen;
    private Ending ending;
    private int unanswered;
    private long pingTimer = -1;

    /** @param whenEnded told once, with the first reason */
    ConsoleSession(
            Vertx vertx,
            ServerWebSocket browser,
            HttpConnection connection,
            BiConsumer<ConsoleSession, Ending> whenEnded) {
        this.vertx = vertx;
        this.browser = browser;
        this.connection = connection;
        this.whenEnded = whenEnded;
        browser.pause();
        browser.exceptionHandler(e -> LOG.debugf("A console's browser broke off: %s", e.getMessage()));
        browser.closeHandler(x -> finish(Ending.CLOSED));
    }

    void admit(Admission newAdmission) {
        admission = newAdmission;
    }

    boolean isOver() {
        return ending != null;
    }

    Admission admission() {
        return admission;
    }

    /** @param whyLost asked when the screen's connection ends by itself */
    void relay(Wire newScreen, Supplier<Future<Ending>> whyLost, Duration ping) {
        if (ending != null) {
            newScreen.socket().close();
            return;
        }
        screen = newScreen.socket();
        browser.frameHandler(this::early);
        browser.pongHandler(x -> unanswered = 0);
        screen.exceptionHandler(e -> LOG.debugf("A console's screen broke off: %s", e.getMessage()));
        screen.closeHandler(x -> {
            if (ending == null) {
                whyLost.get().otherwise(Ending.LOST).onSuccess(this::end);
            }
        });
        Pump.join(browser, connection, newScreen);
        pingTimer = vertx.setPeriodic(ping.toMillis(), x -> ping());
    }

    /** Frames that the pump leaves over, or that came before it was there. */
    private void early(WebSocketFrame frame) {
        if (frame.isText()) {
            end(Ending.NOT_BINARY);
        } else if (ending == null && (frame.isBinary() || frame.isContinuation())) {
            screen.write(frame.binaryData());
        }
    }

    private void ping() {
        if (unanswered++ >= UNANSWERED_PINGS) {
            end(Ending.LOST);
        } else {
            browser.writePing(Buffer.buffer());
        }
    }

    /** Ends the session from any thread; completes when the browser was told. */
    Future<Void> end(Ending why) {
        if (Vertx.currentContext() != context) {
            Promise<Void> told = Promise.promise();
            context.runOnContext(x -> end(why).onComplete(told));
            return told.future();
        }
        if (!finish(why)) {
            return Future.succeededFuture();
        }
        return browser.close((short) why.code(), why.reason());
    }

    private boolean finish(Ending why) {
        if (ending != null) {
            return false;
        }
        ending = why;
        vertx.cancelTimer(pingTimer);
        if (screen != null) {
            screen.close();
        }
        whenEnded.accept(this, why);
        return true;
    }
}
