package dev.berth.catalog;

import dev.berth.common.UrlGuard;
import dev.berth.common.UrlGuard.RefusedException;
import dev.berth.common.UrlGuard.Target;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Fetches files from where {@link ImageSites} allows: to the address that was looked up and judged, by no proxy, following
 * redirects by itself to judge each, in bounded time and size, and unpacking nothing.
 */
@ApplicationScoped
class ImageFetch {
    private static final long GIB = 1L << 30;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int MAX_HEADER = 16_384;
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_TEXT = 1 << 20;
    private static final int LOOK_MILLIS = 500;
    /** What a disk keeps free for others. */
    private static final long SPARE_BYTES = 256L << 20;

    private static final long ROOM_EVERY = 64L << 20;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    /** Hears how far it is, and says whether to go on. */
    interface Watch {
        /**
         * @param total 0 when the server does not say
         * @return false to stop
         */
        boolean at(long done, long total);
    }

    /** Nobody wants it any more. */
    static final class StoppedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final ImageSites sites;
    private final LibraryConfig config;
    private final HttpClient client;

    ImageFetch(ImageSites sites, LibraryConfig config, Vertx vertx) {
        this.sites = sites;
        this.config = config;
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setKeepAlive(false)
                .setMaxHeaderSize(MAX_HEADER)
                .setMaxPoolSize(8)
                .setVerifyHost(true);
        config.urlCaFile().ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file)));
        this.client = vertx.createHttpClient(options);
    }

    /**
     * Writes what lies there to a new file.
     *
     * @param algorithm of the digest, as Java calls it
     * @return the digest in lower-case hexadecimal digits
     */
    String file(String url, Path file, String algorithm, Watch watch)
            throws FetchException, StoppedException, IOException {
        MessageDigest digest = digest(algorithm);
        long most = config.maxFileGib() * GIB;
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            read(url, most, "larger than " + config.maxFileGib() + " GiB", watch, new Sink() {
                private long looked = -ROOM_EVERY;

                @Override
                public void begin(long total) throws IOException, FetchException {
                    room(total);
                }

                @Override
                public void take(byte[] bytes, long done) throws IOException, FetchException {
                    if (done - looked >= ROOM_EVERY) {
                        looked = done;
                        room(ROOM_EVERY);
                    }
                    out.write(bytes);
                    digest.update(bytes);
                }

                private void room(long bytes) throws IOException, FetchException {
                    if (Files.getFileStore(file.getParent()).getUsableSpace() < bytes + SPARE_BYTES) {
                        throw new FetchException(
                                "There is no room for it in the library. Make some, then try again.", false);
                    }
                }
            });
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What lies there, when it is small. */
    byte[] small(String url, Watch watch) throws FetchException, StoppedException, IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        read(url, MAX_TEXT, "larger than 1 MiB, too large for digests", watch, (bytes, done) -> kept.write(bytes));
        return kept.toByteArray();
    }

    private interface Sink {
        /** @param total 0 when it is not known */
        default void begin(long total) throws IOException, FetchException {}

        void take(byte[] bytes, long done) throws IOException, FetchException;
    }

    private void read(String url, long most, String tooMuch, Watch watch, Sink sink)
            throws FetchException, StoppedException, IOException {
        long end = System.nanoTime() + config.urlTime().toNanos();
        try (AnswerBody body = open(url, end)) {
            long total = length(body, most, tooMuch);
            sink.begin(total);
            long done = 0;
            long heard = System.nanoTime();
            while (true) {
                long now = System.nanoTime();
                refuseLate(now, end);
                if (now - heard > config.urlIdle().toNanos()) {
                    throw silent();
                }
                AnswerBody.Piece piece = body.next(LOOK_MILLIS);
                if (!watch.at(done, total)) {
                    throw new StoppedException();
                }
                if (piece == null) {
                    continue;
                }
                if (piece.last()) {
                    break;
                }
                heard = System.nanoTime();
                done += piece.bytes().length;
                if (done > most) {
                    throw new FetchException("The file is " + tooMuch + ".", false);
                }
                sink.take(piece.bytes(), done);
            }
            if (total > 0 && done != total) {
                throw new FetchException("The file was cut off.", true);
            }
            watch.at(done, done);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }

    private static void refuseLate(long now, long end) throws FetchException {
        if (now - end > 0) {
            throw new FetchException("It took longer than berth.library.url-time allows.", false);
        }
    }

    private FetchException silent() {
        return new FetchException(
                "The server sent nothing for " + config.urlIdle().toSeconds() + " seconds.", true);
    }

    private static long length(AnswerBody body, long most, String tooMuch) throws FetchException {
        if (body.header("Content-Encoding")
                .filter(coding -> !coding.equalsIgnoreCase("identity"))
                .isPresent()) {
            throw new FetchException(
                    "The server sends it packed (Content-Encoding), and Berth unpacks nothing.", false);
        }
        try {
            long total = body.header("Content-Length").map(Long::parseLong).orElse(0L);
            if (total < 0 || total > most) {
                throw new FetchException("The file is " + tooMuch + ".", false);
            }
            return total;
        } catch (NumberFormatException e) {
            throw new FetchException("The server states a length that is none.", false);
        }
    }

    private AnswerBody open(String url, long end) throws FetchException, InterruptedException {
        try {
            URI uri = UrlGuard.parse(url).orElseThrow(() -> new RefusedException("That is no address."));
            for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
                refuseLate(System.nanoTime(), end);
                AnswerBody answer = call(sites.resolve(uri));
                if (answer.status() == 200) {
                    return answer;
                }
                Optional<String> location = answer.header("Location");
                answer.close();
                if (!REDIRECTS.contains(answer.status())) {
                    throw new FetchException(
                            UrlGuard.host(uri) + " answered " + answer.status() + ".", answer.status() >= 500);
                }
                uri = ImageSites.follow(uri, location.orElse(null));
            }
            throw new FetchException("It leads on and on: more than " + MAX_REDIRECTS + " redirects.", false);
        } catch (RefusedException e) {
            throw new FetchException(e.getMessage(), false);
        }
    }

    private AnswerBody call(Target target) throws FetchException, InterruptedException {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(SocketAddress.inetSocketAddress(
                        target.port(), target.address().getHostAddress()))
                .setHost(target.host())
                .setPort(target.port())
                .setSsl(target.secure())
                .setURI(target.pathAndQuery())
                .setFollowRedirects(false)
                .putHeader("Accept-Encoding", "identity")
                .putHeader("User-Agent", "Berth");
        CompletableFuture<AnswerBody> answer = new CompletableFuture<>();
        client.request(options).onFailure(answer::completeExceptionally).onSuccess(request -> {
            request.exceptionHandler(answer::completeExceptionally);
            request.send().onFailure(answer::completeExceptionally).onSuccess(response -> {
                AnswerBody body = new AnswerBody(response);
                if (!answer.complete(body)) {
                    body.close();
                }
            });
            // Whoever waited has given up: nobody will close it otherwise.
            answer.whenComplete((body, failure) -> {
                if (failure != null) {
                    request.connection().close();
                }
            });
        });
        try {
            return answer.get(CONNECT_MILLIS + config.urlIdle().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw silent();
        } catch (ExecutionException e) {
            throw new FetchException(
                    "No answer from " + target.host() + ": " + words(e.getCause()) + ".", !untrusted(e.getCause()));
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        }
    }

    /** A certificate that does not hold won't by trying again. */
    private static boolean untrusted(Throwable cause) {
        return cause instanceof SSLException;
    }

    /** In one short line: it may be what a server said. */
    static String words(Throwable cause) {
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        // The system's words, without the name of the call that heard them.
        String line = text.replaceAll("\\p{Cntrl}+", " ")
                .strip()
                .replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ", "");
        return line.length() > 200 ? line.substring(0, 200) : line.replaceAll("\\.$", "");
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has " + algorithm, e);
        }
    }
}
