package dev.berth.notices;

import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The mail server, over one connection that is kept for a while. One that says nothing for as long as our patience lasts
 * loses the connection; a client that only stopped to wait would keep it, and never have another.
 */
final class MailServer implements AutoCloseable {
    private final MailClient client;
    private final Duration patience;

    MailServer(Vertx vertx, TlsConfigurationRegistry tls, MailConfig config, Duration patience) {
        this.patience = patience;
        var options = new io.vertx.ext.mail.MailConfig(
                        config.host().orElseThrow(), config.port(), StartTLSOptions.valueOf(config.startTls()), null)
                .setSsl(config.tls())
                .setHostnameVerificationAlgorithm("HTTPS")
                .setMaxPoolSize(1)
                .setIdleTimeout(Math.toIntExact(patience.toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setConnectTimeout(Math.toIntExact(patience.toMillis()));
        config.username().ifPresent(options::setUsername);
        config.password().ifPresent(options::setPassword);
        tls.get("mail").ifPresent(own -> options.setTrustOptions(own.getTrustStoreOptions()));
        client = MailClient.create(vertx, options);
    }

    void send(MailMessage message) throws UndeliveredException {
        try {
            client.sendMail(message)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new UndeliveredException(0, "The mail server said nothing for " + patience.toSeconds() + " seconds.");
        } catch (ExecutionException e) {
            throw new UndeliveredException(0, "The mail server did not take it: " + reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UndeliveredException(0, "Berth was stopped meanwhile.");
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    @Override
    public void close() {
        client.close();
    }
}
