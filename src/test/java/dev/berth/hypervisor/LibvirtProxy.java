package dev.berth.hypervisor;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and this machine's libvirtd, and can stop answering or break the line. */
final class LibvirtProxy implements AutoCloseable {
    private static final Path LIBVIRTD = Path.of("/var/run/libvirt/libvirt-sock");

    private final Path socket;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
    private final Object gate = new Object();
    private ServerSocketChannel server;
    private boolean hanging;

    LibvirtProxy(Path socket) throws IOException {
        this.socket = socket;
        listen();
    }

    String uri() {
        return "qemu+unix:///system?socket=" + socket;
    }

    void listen() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        ServerSocketChannel accepting = server;
        daemon(() -> {
            while (true) {
                SocketChannel client = accepting.accept();
                SocketChannel libvirtd = SocketChannel.open(UnixDomainSocketAddress.of(LIBVIRTD));
                open.addAll(List.of(client, libvirtd));
                daemon(() -> pump(client, libvirtd));
                daemon(() -> pump(libvirtd, client));
            }
        });
    }

    /** As a stopped libvirtd: connections stay, nothing is answered. */
    void hang(boolean whether) {
        synchronized (gate) {
            hanging = whether;
            gate.notifyAll();
        }
    }

    /** As a killed libvirtd. */
    void die() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
        for (SocketChannel channel : open) {
            channel.close();
        }
        open.clear();
    }

    private void pump(SocketChannel from, SocketChannel to) throws IOException {
        try (from;
                to) {
            ByteBuffer buffer = ByteBuffer.allocate(65536);
            while (from.read(buffer) >= 0) {
                awaitOpenGate();
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        }
    }

    private void awaitOpenGate() {
        synchronized (gate) {
            while (hanging) {
                try {
                    gate.wait();
                } catch (InterruptedException e) {
                    return;
                }
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // The line is broken, which is what this is for.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        hang(false);
        die();
    }
}
