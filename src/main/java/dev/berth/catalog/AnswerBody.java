package dev.berth.catalog;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An HTTP answer, its body read by a thread that waits; the server may be no more than a few pieces ahead of it. */
final class AnswerBody implements AutoCloseable {
    private static final int AHEAD = 32;
    private static final Object END = new Object();

    private final HttpClientResponse response;
    private final BlockingQueue<Object> pieces = new LinkedBlockingQueue<>();

    /** To be made where the answer arrives, before any of its body does. */
    AnswerBody(HttpClientResponse response) {
        this.response = response;
        response.pause();
        response.exceptionHandler(pieces::add);
        response.endHandler(ignored -> pieces.add(END));
        response.handler(pieces::add);
        response.fetch(AHEAD);
    }

    int status() {
        return response.statusCode();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(response.getHeader(name));
    }

    /**
     * Waits for the next piece.
     *
     * @return null when none came in time
     */
    Piece next(long millis) throws FetchException, InterruptedException {
        Object next = pieces.poll(millis, TimeUnit.MILLISECONDS);
        if (next instanceof Throwable cause) {
            throw new FetchException("The connection broke: " + ImageFetch.words(cause) + ".", true);
        }
        if (next instanceof Buffer buffer) {
            response.fetch(1);
            return new Piece(buffer.getBytes(), false);
        }
        return next == null ? null : new Piece(new byte[0], true);
    }

    /** Some bytes, or the end. */
    record Piece(byte[] bytes, boolean last) {}

    @Override
    public void close() {
        response.request().connection().close();
    }
}
