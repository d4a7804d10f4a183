package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a console that only views lets through to QEMU. */
class ViewOnlyTest {
    private static final byte[] HELLO = "RFB 003.008\n\1".getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] FORMAT = message(20, 0);
    private static final byte[] ENCODINGS = message(4 + 4 * 300, 2, 0, 1, 44);
    private static final byte[] NO_ENCODINGS = message(4, 2, 0, 0, 0);
    private static final byte[] ASK = message(10, 3, 1);

    private static final List<byte[]> HARMLESS = List.of(FORMAT, ENCODINGS, NO_ENCODINGS, ASK);
    private static final List<byte[]> INPUT = List.of(
            message(8, 4, 1), // key
            message(6, 5, 255), // pointer
            message(8 + 70_000, 6, 0, 0, 0, 0, 1, 0x11, 0x70), // clipboard
            message(8 + 16, 6, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0), // extended clipboard
            message(10, 150, 1),
            message(9 + 64, 248, 0, 0, 0, 0, 0, 0, 1, 64),
            message(4, 250, 0, 1, 2), // power off
            message(8 + 16 * 3, 251, 0, 4, 0, 3, 0, 3), // desktop size
            message(12, 255, 0, 0, 1), // extended key
            message(4, 255, 1, 0, 0), // sound on
            message(10, 255, 1, 0, 2)); // sound's format

    /** Its other bytes look like key presses. */
    private static byte[] message(int length, int... head) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 4);
        for (int i = 0; i < head.length; i++) {
            bytes[i] = (byte) head[i];
        }
        return bytes;
    }

    @Test
    void letsThroughWhatChangesNothingHoweverItIsCut() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            sent.writeBytes(HELLO);
            sent.write(0);
            expected.writeBytes(HELLO);
            // Alone with the screen: never.
            expected.write(1);
            for (int i = 0; i < 40; i++) {
                boolean harmless = random.nextInt(3) == 0;
                List<byte[]> kinds = harmless ? HARMLESS : INPUT;
                byte[] message = kinds.get(random.nextInt(kinds.size()));
                sent.writeBytes(message);
                if (harmless) {
                    expected.writeBytes(message);
                }
            }
            assertThat(cut(sent.toByteArray(), random)).isEqualTo(expected.toByteArray());
        }
    }

    private static byte[] cut(byte[] sent, Random random) {
        ViewOnly filter = new ViewOnly();
        ByteBuf out = Unpooled.buffer();
        int at = 0;
        while (at < sent.length) {
            int length = Math.min(sent.length - at, random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(4_000));
            filter.filter(Unpooled.wrappedBuffer(sent, at, length), out);
            at += length;
        }
        byte[] passed = new byte[out.readableBytes()];
        out.readBytes(passed);
        return passed;
    }

    @Test
    void endsWhereItCannotTell() {
        assertRefused(message(1, 1));
        assertRefused(message(1, 127));
        assertRefused(message(2, 255, 2));
        assertRefused(message(4, 255, 1, 0, 3));
        assertRefused(message(9, 248, 0, 0, 0, 0, 0, 0, 0, 65));
        assertRefused(message(8, 6, 0, 0, 0, 0x00, 0x10, 0x00, 0x01));
        assertRefused(message(8, 6, 0, 0, 0, 0x80, 0, 0, 0));
        assertRefused(message(8, 6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff));
    }

    private static void assertRefused(byte[] message) {
        ViewOnly filter = new ViewOnly();
        ByteBuf out = Unpooled.buffer();
        filter.filter(Unpooled.wrappedBuffer(HELLO, new byte[] {1}), out);
        int before = out.readableBytes();
        assertThatThrownBy(() -> filter.filter(Unpooled.wrappedBuffer(message), out))
                .isInstanceOfSatisfying(
                        ConsoleException.class, e -> assertThat(e.ending()).isEqualTo(Ending.NOT_VNC));
        assertThat(out.readableBytes()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RFB 003.003\n\1",
                "RFB 003.889\n\1\1",
                "RFB 004.000\n\1\1",
                "GET / HTTP/1.1\r\n",
                "RFB 003.008\n\2",
                "RFB 003.008\n\23"
            })
    void shakesHandsOneWayOnly(String hello) {
        ByteBuf sent = Unpooled.copiedBuffer(hello, StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> {
                    ViewOnly filter = new ViewOnly();
                    filter.filter(sent, Unpooled.buffer());
                    // An older client says nothing about security.
                    filter.filter(Unpooled.wrappedBuffer(new byte[] {4}), Unpooled.buffer());
                })
                .isInstanceOf(ConsoleException.class);
    }

    @Test
    void keepsLittleHoweverMuchIsClaimed() {
        ViewOnly filter = new ViewOnly();
        ByteBuf out = Unpooled.buffer();
        filter.filter(Unpooled.wrappedBuffer(HELLO, new byte[] {1}), out);
        filter.filter(Unpooled.wrappedBuffer(new byte[] {6, 0, 0, 0, 0, 0x10, 0, 0}), out);
        byte[] part = ByteBuffer.allocate(1 << 16).array();
        for (int i = 0; i < 16; i++) {
            filter.filter(Unpooled.wrappedBuffer(part), out);
        }
        assertThat(out.readableBytes()).isEqualTo(HELLO.length + 1);
        filter.filter(Unpooled.wrappedBuffer(ASK), out);
        assertThat(out.readableBytes()).isEqualTo(HELLO.length + 1 + ASK.length);
    }
}
