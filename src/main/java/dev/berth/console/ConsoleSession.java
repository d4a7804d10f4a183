package dev.berth.console;

import dev.berth.console.ConsoleTickets.Admission;
import dev.berth.console.Pump.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
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
    /** RFC 6455, 5.5. */
    private static final int REASON_BYTES = 123;

    private final Context context = Vertx.currentContext();
    private final Vertx vertx;
    private final ServerWebSocket browser;
    private final HttpConnection connection;
    private final BiConsumer<ConsoleSession, Ending> whenEnded;
    private final UUID id = UUID.randomUUID();
    private volatile Admission admission;
    private volatile NetSocket screen;
    private Channel screenChannel;
    private ViewOnly viewOnly;
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

    UUID id() {
        return id;
    }

    void admit(Admission newAdmission) {
        admission = newAdmission;
    }

    boolean isOver() {
        return ending != null;
    }

    boolean relays() {
        return screen != null;
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
        screenChannel = newScreen.channel();
        viewOnly = admission.mode() == ConsoleMode.VIEW ? new ViewOnly() : null;
        browser.frameHandler(this::early);
        browser.pongHandler(x -> unanswered = 0);
        screen.exceptionHandler(e -> LOG.debugf("A console's screen broke off: %s", e.getMessage()));
        screen.closeHandler(x -> {
            if (ending == null) {
                whyLost.get().otherwise(Ending.LOST).onSuccess(this::end);
            }
        });
        Pump.join(browser, connection, newScreen, viewOnly == null ? null : this::view);
        pingTimer = vertx.setPeriodic(ping.toMillis(), x -> ping());
    }

    /** Frames that the pump leaves over, or that came before it was there. */
    private void early(WebSocketFrame frame) {
        if (frame.isText()) {
            end(Ending.NOT_BINARY);
        } else if (ending == null && (frame.isBinary() || frame.isContinuation())) {
            if (viewOnly == null) {
                screen.write(frame.binaryData());
            } else {
                view(Unpooled.wrappedBuffer(frame.binaryData().getBytes()));
            }
        }
    }

    /** What a browser that only views has sent: on one way to the screen, so that nothing overtakes anything. */
    private void view(ByteBuf sent) {
        ByteBuf passed = screenChannel.alloc().buffer();
        try {
            if (ending == null) {
                viewOnly.filter(sent, passed);
            }
            if (passed.isReadable()) {
                screenChannel.writeAndFlush(passed.retain(), screenChannel.voidPromise());
            }
        } catch (ConsoleException e) {
            end(e.ending());
        } finally {
            passed.release();
            sent.release();
        }
    }

    private void ping() {
        if (unanswered++ >= UNANSWERED_PINGS) {
            end(Ending.LOST);
        } else {
            browser.writePing(Buffer.buffer());
        }
    }

    Future<Void> end(Ending why) {
        return end(why, why.reason());
    }

    /**
     * Ends the session from any thread; completes when the browser was told.
     *
     * @param reason a sentence; the usual one is told instead of one that is too long
     */
    Future<Void> end(Ending why, String reason) {
        if (Vertx.currentContext() != context) {
            Promise<Void> told = Promise.promise();
            context.runOnContext(x -> end(why, reason).onComplete(told));
            return told.future();
        }
        if (!finish(why)) {
            return Future.succeededFuture();
        }
        boolean fits = reason.getBytes(StandardCharsets.UTF_8).length <= REASON_BYTES;
        return browser.close((short) why.code(), fits ? reason : why.reason());
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
