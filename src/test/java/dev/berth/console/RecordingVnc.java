package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A VNC server with a blank screen that remembers the keys pressed: {@code a} down, {@code -a} up. */
final class RecordingVnc implements AutoCloseable {
    private static final Map<Integer, String> NAMES = Map.of(
            0xffe3, "Control_L",
            0xffe9, "Alt_L",
            0xffe1, "Shift_L",
            0xffff, "Delete",
            0xff09, "Tab",
            0xff0d, "Return");

    /** The screen's name and clipboard: a machine's owner chooses them. */
    private static final byte[] SCRIPT =
            "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
                    .getBytes(StandardCharsets.US_ASCII);

    private final FakeVnc server;
    private final List<String> keys = new CopyOnWriteArrayList<>();

    RecordingVnc(Path path) throws IOException {
        server = new FakeVnc(path, this::converse);
    }

    Path path() {
        return server.path();
    }

    /** Waits until the keys end in these, whatever came before. */
    void pressed(String wanted) {
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(String.join(" ", keys)).contains(wanted));
    }

    private void converse(SocketChannel peer) throws IOException {
        DataInputStream in = new DataInputStream(Channels.newInputStream(peer));
        write(peer, "RFB 003.008\n".getBytes(StandardCharsets.US_ASCII));
        in.readFully(new byte[12]);
        write(peer, new byte[] {1, 1});
        in.readByte();
        write(peer, new byte[4]);
        in.readByte();
        byte[] format = {32, 24, 0, 1, 0, (byte) 255, 0, (byte) 255, 0, (byte) 255, 16, 8, 0, 0, 0, 0};
        write(
                peer,
                ByteBuffer.allocate(24 + SCRIPT.length)
                        .putShort((short) 64)
                        .putShort((short) 48)
                        .put(format)
                        .putInt(SCRIPT.length)
                        .put(SCRIPT)
                        .array());
        // ServerCutText
        write(
                peer,
                ByteBuffer.allocate(8 + SCRIPT.length)
                        .putInt(3 << 24)
                        .putInt(SCRIPT.length)
                        .put(SCRIPT)
                        .array());
        while (true) {
            message(in);
        }
    }

    private void message(DataInputStream in) throws IOException {
        int type = in.readByte();
        switch (type) {
            case 0 -> in.readFully(new byte[19]);
            case 2 -> {
                in.readByte();
                in.readFully(new byte[4 * in.readUnsignedShort()]);
            }
            case 3 -> in.readFully(new byte[9]);
            case 4 -> {
                boolean down = in.readByte() != 0;
                in.readShort();
                int keysym = in.readInt();
                keys.add((down ? "" : "-") + NAMES.getOrDefault(keysym, Character.toString(keysym)));
            }
            case 5 -> in.readFully(new byte[5]);
            case 6 -> {
                in.readFully(new byte[3]);
                in.readFully(new byte[Math.abs(in.readInt())]);
            }
            default -> throw new IOException("message " + type);
        }
    }

    private static void write(SocketChannel peer, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            peer.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
