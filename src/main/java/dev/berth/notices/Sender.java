package dev.berth.notices;

import dev.berth.common.Notifications;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Sends what is due, in every process: at once when it is new, else when it is looked for. Mail has a thread of its own, so
 * that webhooks that answer slowly don't hold it up.
 */
@ApplicationScoped
class Sender {
    private static final Logger LOG = Logger.getLogger(Sender.class);
    private static final int WEBHOOK_THREADS = 3;
    private static final Duration TIDY = Duration.ofHours(6);
    /** Looks that wait at once, the regular ones among them: each sends all there is, so more would find nothing. */
    private static final int MOST_LOOKS = 8;

    private final Deliveries deliveries;
    private final Letters letters;
    private final Calls calls;
    private final MailConfig mail;
    private final NoticesConfig config;
    private final DataSource dataSource;

    private ScheduledThreadPoolExecutor mailThread;
    private ScheduledThreadPoolExecutor webhookThreads;
    private Notifications notifications;

    Sender(
            Deliveries deliveries,
            Letters letters,
            Calls calls,
            MailConfig mail,
            NoticesConfig config,
            DataSource dataSource) {
        this.deliveries = deliveries;
        this.letters = letters;
        this.calls = calls;
        this.mail = mail;
        this.config = config;
        this.dataSource = dataSource;
    }

    void start(@Observes StartupEvent event) {
        mailThread = threads(1, "notices-mail");
        webhookThreads = threads(WEBHOOK_THREADS, "notices-webhooks");
        long poll = config.pollInterval().toMillis();
        mailThread.scheduleWithFixedDelay(this::sendMail, poll, poll, TimeUnit.MILLISECONDS);
        mailThread.scheduleWithFixedDelay(this::tidy, TIDY.toMinutes(), TIDY.toMinutes(), TimeUnit.MINUTES);
        for (int thread = 0; thread < WEBHOOK_THREADS; thread++) {
            webhookThreads.scheduleWithFixedDelay(this::sendWebhooks, poll, poll, TimeUnit.MILLISECONDS);
        }
        notifications = new Notifications("berth_deliveries", dataSource, ignored -> wake());
    }

    private static ScheduledThreadPoolExecutor threads(int count, String name) {
        return new ScheduledThreadPoolExecutor(count, work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void wake() {
        look(mailThread, this::sendMail);
        look(webhookThreads, this::sendWebhooks);
    }

    private static void look(ScheduledThreadPoolExecutor threads, Runnable send) {
        if (!threads.isShutdown() && threads.getQueue().size() < MOST_LOOKS) {
            threads.execute(send);
        }
    }

    private void sendMail() {
        if (mail.on()) {
            sendAll(false);
        }
    }

    private void sendWebhooks() {
        sendAll(true);
    }

    private void sendAll(boolean webhooks) {
        try {
            Optional<Deliveries.Claim> claim = deliveries.claim(webhooks);
            while (claim.isPresent()) {
                send(claim.get());
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                claim = deliveries.claim(webhooks);
            }
        } catch (RuntimeException e) {
            LOG.warnf("Could not look for what is to be sent: %s", e.getMessage());
        }
    }

    private void send(Deliveries.Claim claim) {
        try {
            int status = claim.webhookId() == null ? letters.send(claim) : calls.send(claim);
            deliveries.sent(claim, status);
        } catch (NobodyException e) {
            deliveries.drop(claim, e.getMessage());
        } catch (UndeliveredException e) {
            LOG.infof("Try %d of delivery %s failed: %s", claim.attempt(), claim.id(), e.getMessage());
            deliveries.failed(claim, e.status(), e.getMessage());
        }
    }

    private void tidy() {
        try {
            deliveries.forget();
        } catch (RuntimeException e) {
            LOG.warnf("Could not forget old notices: %s", e.getMessage());
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (notifications != null) {
            notifications.close();
            mailThread.shutdownNow();
            webhookThreads.shutdownNow();
        }
    }
}
