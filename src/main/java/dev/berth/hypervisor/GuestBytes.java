package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The bytes that a guest sees on a disk, whatever the disk's format. {@code qemu-nbd} shows them, to this process alone
 * and read-only, and they are read as the NBD protocol says.
 *
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md">The NBD protocol</a>
 */
final class GuestBytes implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PIECE = 1 << 20;

    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int EXPORT_NAME = 1;
    private static final int NO_ZEROES = 1 << 1;
    private static final int FIXED_NEWSTYLE = 1;
    private static final int REQUEST = 0x25609513;
    private static final int REPLY = 0x67446698;
    private static final int READ = 0;

    private final Path directory;
    private final Process server;
    private final SocketChannel socket;
    private final long size;

    private GuestBytes(BlockSource source) throws IOException {
        directory = Files.createTempDirectory("berth-nbd-");
        Path address = directory.resolve("s");
        QemuSources sources = new QemuSources();
        String options = sources.options(source);
        List<String> command = new ArrayList<>(List.of("qemu-nbd", "--read-only", "--shared=1", "--socket=" + address));
        command.addAll(sources.arguments());
        command.addAll(List.of("--image-opts", options));
        server = HostCommand.of(command.toArray(String[]::new))
                .input(sources.input())
                .dyingWithUs()
                .start();
        SocketChannel connected = null;
        try {
            connected = connect(address);
            size = handshake(connected);
        } catch (IOException | RuntimeException e) {
            if (connected != null) {
                connected.close();
            }
            end();
            throw e;
        }
        socket = connected;
    }

    /**
     * The SHA-256 of the first bytes of a disk, as lower-case hex.
     *
     * @param bytes how many; the disk has as many at least
     */
    static String sha256(BlockSource source, long bytes, Progress progress) {
        try (GuestBytes disk = new GuestBytes(source)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
            for (long at = 0; at < bytes; at += piece.limit()) {
                disk.read(at, piece.clear().limit((int) Math.min(PIECE, bytes - at)));
                digest.update(piece.flip());
                progress.at(at + piece.limit(), bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The disk could not be read on its host.", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private SocketChannel connect(Path address) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(address));
                return channel;
            } catch (IOException e) {
                channel.close();
                if (!server.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("qemu-nbd does not listen: " + said(), e);
                }
                pause();
            }
        }
    }

    private String said() throws IOException {
        return server.isAlive()
                ? "it takes too long"
                : new String(server.getErrorStream().readNBytes(1_000), StandardCharsets.UTF_8).strip();
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static long handshake(SocketChannel socket) throws IOException {
        ByteBuffer hello = receive(socket, 18);
        if (hello.getLong() != MAGIC || hello.getLong() != OPTION_MAGIC) {
            throw new IOException("not an NBD server");
        }
        boolean noZeroes = (hello.getShort() & NO_ZEROES) != 0;
        send(
                socket,
                ByteBuffer.allocate(20)
                        .putInt(noZeroes ? FIXED_NEWSTYLE | NO_ZEROES : FIXED_NEWSTYLE)
                        .putLong(OPTION_MAGIC)
                        .putInt(EXPORT_NAME)
                        .putInt(0));
        return receive(socket, noZeroes ? 10 : 134).getLong();
    }

    /** Fills the buffer up to its limit. */
    private void read(long from, ByteBuffer into) throws IOException {
        int length = into.remaining();
        if (from + length > size) {
            throw new IOException("The disk ends at " + size);
        }
        send(
                socket,
                ByteBuffer.allocate(28)
                        .putInt(REQUEST)
                        .putShort((short) 0)
                        .putShort((short) READ)
                        .putLong(from)
                        .putLong(from)
                        .putInt(length));
        ByteBuffer reply = receive(socket, 16);
        if (reply.getInt() != REPLY || reply.getInt() != 0 || reply.getLong() != from) {
            throw new IOException("The disk can't be read at " + from);
        }
        fill(socket, into);
    }

    private static void send(SocketChannel socket, ByteBuffer message) throws IOException {
        message.flip();
        while (message.hasRemaining()) {
            socket.write(message);
        }
    }

    private static ByteBuffer receive(SocketChannel socket, int length) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(length);
        fill(socket, message);
        return message.flip();
    }

    private static void fill(SocketChannel socket, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (socket.read(into) < 0) {
                throw new IOException("qemu-nbd ended");
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        end();
    }

    private void end() throws IOException {
        server.destroyForcibly();
        Files.deleteIfExists(directory.resolve("s"));
        Files.deleteIfExists(directory);
    }
}
