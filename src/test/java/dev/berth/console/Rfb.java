package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** As much of a VNC client (RFC 6143) as tests need: shakes hands, asks for the screen raw, presses keys. */
final class Rfb {
    private final ConsoleClient client;
    private int width;
    private int height;

    Rfb(ConsoleClient client) {
        this.client = client;
    }

    /** Versions, no authentication, shared. */
    Rfb connect() {
        assertThat(new String(client.take(12), StandardCharsets.US_ASCII)).isEqualTo("RFB 003.008\n");
        client.send("RFB 003.008\n".getBytes(StandardCharsets.US_ASCII));
        int kinds = client.take(1)[0];
        assertThat(client.take(kinds)).contains((byte) 1);
        client.send(new byte[] {1});
        assertThat(client.take(4)).containsOnly(0);
        client.send(new byte[] {1});
        ByteBuffer init = ByteBuffer.wrap(client.take(24));
        width = init.getShort(0);
        height = init.getShort(2);
        client.take(init.getInt(20));
        client.send(new byte[] {2, 0, 0, 1, 0, 0, 0, 0});
        return this;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** The whole screen, four bytes a pixel. */
    byte[] screen() {
        ByteBuffer ask = ByteBuffer.allocate(10).put((byte) 3).put((byte) 0);
        client.send(
                ask.putInt(0).putShort((short) width).putShort((short) height).array());
        byte[] pixels = new byte[width * height * 4];
        int missing = pixels.length;
        while (missing > 0) {
            ByteBuffer update = ByteBuffer.wrap(client.take(4));
            assertThat(update.get(0)).as("FramebufferUpdate").isZero();
            for (int i = update.getShort(2); i > 0; i--) {
                missing -= rectangle(pixels);
            }
        }
        return pixels;
    }

    private int rectangle(byte[] pixels) {
        ByteBuffer head = ByteBuffer.wrap(client.take(12));
        assertThat(head.getInt(8)).as("raw").isZero();
        int w = head.getShort(4);
        int h = head.getShort(6);
        byte[] rows = client.take(w * h * 4);
        for (int y = 0; y < h; y++) {
            System.arraycopy(rows, y * w * 4, pixels, ((head.getShort(2) + y) * width + head.getShort(0)) * 4, w * 4);
        }
        return rows.length;
    }

    void key(int keysym) {
        for (byte down : new byte[] {1, 0}) {
            client.send(ByteBuffer.allocate(8)
                    .put((byte) 4)
                    .put(down)
                    .putShort((short) 0)
                    .putInt(keysym)
                    .array());
        }
    }
}
