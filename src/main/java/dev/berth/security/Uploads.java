package dev.berth.security;

import dev.berth.common.BerthConfig;
import dev.berth.common.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Uploads of images on their way into this process: a few at once, each with a length that is stated beforehand and for
 * which there is room, and none that has stopped to come.
 */
@ApplicationScoped
class Uploads {
    private static final Logger LOG = Logger.getLogger(Uploads.class);
    private static final int AT_ONCE = 4;
    private static final long SPARE_BYTES = 256L << 20;
    private static final int RETRY_SECONDS = 60;

    private final Vertx vertx;
    private final Duration idle;
    private final int most;
    private final Path directory;
    private final AtomicInteger under = new AtomicInteger();

    @Inject
    Uploads(
            Vertx vertx,
            BerthConfig config,
            @ConfigProperty(name = "quarkus.http.body.uploads-directory") String directory) {
        this(vertx, config.uploadIdle(), AT_ONCE, Path.of(directory));
    }

    Uploads(Vertx vertx, Duration idle, int most, Path directory) {
        this.vertx = vertx;
        this.idle = idle;
        this.most = most;
        this.directory = directory;
    }

    /** Lets it pass, or says why not. */
    void admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        long length = length(request);
        if (length < 0) {
            refuse(context, Problem.of(411, "length-required", "Send the body's length (Content-Length)."));
        } else if (!room(length)) {
            refuse(
                    context,
                    Problem.of(
                            503,
                            "no-room",
                            "There is no room for it in the image library. Ask an admin to make some."));
        } else if (under.incrementAndGet() > most) {
            under.decrementAndGet();
            refuse(
                    context,
                    Problem.of(
                            503, "too-many", most + " images are being uploaded already. Try again when one is here."));
        } else {
            watch(context);
            context.next();
        }
    }

    private static long length(HttpServerRequest request) {
        try {
            String length = request.getHeader("Content-Length");
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A library that is not there yet is made with the first upload. */
    private boolean room(long length) {
        try {
            Path there = directory.toAbsolutePath();
            while (there != null && !Files.exists(there)) {
                there = there.getParent();
            }
            return there == null || Files.getFileStore(there).getUsableSpace() - SPARE_BYTES >= length;
        } catch (IOException e) {
            LOG.warnf("Can't see how much room there is for uploads: %s", e.getMessage());
            return true;
        }
    }

    /** Nothing more of it is read. */
    private static void refuse(RoutingContext context, Problem problem) {
        Refusals.last(context, problem, headers -> {
            if (problem.status() == 503) {
                headers.set("Retry-After", Integer.toString(RETRY_SECONDS));
            }
        });
    }

    private void watch(RoutingContext context) {
        HttpServerRequest request = context.request();
        long[] seen = {-1};
        long timer = vertx.setPeriodic(idle.toMillis(), ignored -> {
            if (!request.isEnded() && request.bytesRead() == seen[0]) {
                LOG.infof("Ended an upload of %s that had stopped to come", request.remoteAddress());
                request.connection().close();
            }
            seen[0] = request.bytesRead();
        });
        AtomicBoolean over = new AtomicBoolean();
        context.addEndHandler(ignored -> {
            if (over.compareAndSet(false, true)) {
                vertx.cancelTimer(timer);
                under.decrementAndGet();
            }
        });
    }
}
