package dev.berth.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A server on a UNIX socket that does what a test wants instead of speaking VNC. */
final class FakeVnc implements AutoCloseable {
    /** What to do with a connection; it is closed afterwards. */
    interface Conversation {
        void with(SocketChannel peer) throws IOException;
    }

    private final Path path;
    private final ServerSocketChannel server;
    private final Conversation conversation;
    private final List<SocketChannel> peers = new CopyOnWriteArrayList<>();
    private final AtomicLong written = new AtomicLong();

    FakeVnc(Path path, Conversation conversation) throws IOException {
        this.path = path;
        this.conversation = conversation;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        start("fake-vnc", this::accept);
    }

    Path path() {
        return path;
    }

    long written() {
        return written.get();
    }

    List<SocketChannel> peers() {
        return peers;
    }

    void write(SocketChannel peer, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            written.addAndGet(peer.write(buffer));
        }
    }

    /** Sends back whatever comes. */
    static void echo(SocketChannel peer) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        while (peer.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                peer.write(buffer);
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel peer = server.accept();
                peers.add(peer);
                start("fake-vnc-peer", () -> serve(peer));
            }
        } catch (ClosedChannelException e) {
            // The test is over.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(SocketChannel peer) {
        try (peer) {
            conversation.with(peer);
        } catch (IOException e) {
            // The other side left.
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel peer : peers) {
            peer.close();
        }
        Files.deleteIfExists(path);
    }
}
