package dev.berth.security;

import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.http.HttpClientOptions;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Whom a web process trusts at the other end of a link to a worker at {@code https}: the authorities of Quarkus's TLS
 * configuration {@code worker}, or those of Java where there is none. Names are verified in either case.
 */
@Singleton
public class WorkerTls {
    private static final String NAME = "worker";

    private final Optional<TlsConfiguration> configuration;

    public WorkerTls(TlsConfigurationRegistry registry) {
        configuration = registry.get(NAME);
    }

    /** For Vert.x's client. */
    public HttpClientOptions apply(HttpClientOptions options) {
        configuration.ifPresent(tls -> TlsConfigUtils.configure(options, tls));
        // Whether it is TLS is what the worker's address says.
        return options.setSsl(false).setVerifyHost(true);
    }

    /** For Java's client. */
    public SSLContext context() {
        try {
            return configuration.isPresent() ? created(configuration.get()) : SSLContext.getDefault();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("quarkus.tls." + NAME + ": " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("PMD.AvoidCatchingGenericException") // It says that it throws Exception.
    private static SSLContext created(TlsConfiguration tls) throws GeneralSecurityException {
        try {
            return tls.createSSLContext();
        } catch (GeneralSecurityException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("quarkus.tls." + NAME + " can't be used: " + e.getMessage(), e);
        }
    }
}
