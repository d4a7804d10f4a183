package dev.berth.console;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Lets of a VNC client's messages (RFC 6143, 7.5, and the extensions that QEMU knows) only those through that change
 * nothing in the machine: how pixels are to be sent, and that they are. Keys, pointer, clipboard, screen sizes, power
 * and sound are dropped. What passes is whole messages of three kinds whose length QEMU judges the same way, so nothing
 * can hide in them. A message of an unknown kind has no known end, so it ends the session.
 *
 * <p>Keeps a message's first bytes at most, whatever its length. Belongs to one connection and one thread.
 */
final class ViewOnly {
    private enum Stage {
        VERSION,
        SECURITY,
        INIT,
        MESSAGES
    }

    private static final List<String> VERSIONS = List.of("RFB 003.008\n", "RFB 003.007\n");
    private static final int VERSION_BYTES = 12;
    private static final int NO_AUTHENTICATION = 1;
    private static final byte SHARED = 1;
    /** QEMU's own bound. */
    private static final long MAX_TEXT_BYTES = 1 << 20;

    private static final int MAX_FENCE_BYTES = 64;

    private final byte[] head = new byte[VERSION_BYTES];
    private int have;
    private Stage stage = Stage.VERSION;
    /** Bytes of the message at hand that are still to come. */
    private long left;

    private boolean passing;

    /**
     * @param in what the client sent; is read to its end
     * @param out where to what may pass is written
     * @throws ConsoleException when it can't be told what is what
     */
    void filter(ByteBuf in, ByteBuf out) {
        while (in.isReadable()) {
            if (left == 0) {
                head[have++] = in.readByte();
                look(out);
                continue;
            }
            int count = (int) Math.min(left, in.readableBytes());
            if (passing) {
                out.writeBytes(in, count);
            } else {
                in.skipBytes(count);
            }
            left -= count;
        }
    }

    private void look(ByteBuf out) {
        switch (stage) {
            case VERSION -> {
                if (have == VERSION_BYTES) {
                    require(VERSIONS.contains(new String(head, StandardCharsets.US_ASCII)));
                    pass(out, VERSION_BYTES);
                    stage = Stage.SECURITY;
                }
            }
            case SECURITY -> {
                require(head[0] == NO_AUTHENTICATION);
                pass(out, 1);
                stage = Stage.INIT;
            }
            case INIT -> {
                // Whoever asks for the screen alone throws the others out.
                head[0] = SHARED;
                pass(out, 1);
                stage = Stage.MESSAGES;
            }
            case MESSAGES -> message(out);
        }
    }

    /** As soon as enough of it is there to tell its length. */
    private void message(ByteBuf out) {
        switch (unsigned(0)) {
            case 0 -> pass(out, 20); // SetPixelFormat
            case 2 -> { // SetEncodings
                if (have == 4) {
                    pass(out, 4 + 4 * (unsigned(2) << 8 | unsigned(3)));
                }
            }
            case 3 -> pass(out, 10); // FramebufferUpdateRequest
            case 4 -> drop(8); // KeyEvent
            case 5 -> drop(6); // PointerEvent
            case 6 -> { // ClientCutText; negative lengths are the extended clipboard's
                if (have == 8) {
                    int length = unsigned(4) << 24 | unsigned(5) << 16 | unsigned(6) << 8 | unsigned(7);
                    long bytes = Math.abs((long) length);
                    require(bytes <= MAX_TEXT_BYTES);
                    drop(8 + bytes);
                }
            }
            case 150 -> drop(10); // EnableContinuousUpdates
            case 248 -> { // ClientFence
                if (have == 9) {
                    require(unsigned(8) <= MAX_FENCE_BYTES);
                    drop(9 + unsigned(8));
                }
            }
            case 250 -> drop(4); // xvp: power
            case 251 -> { // SetDesktopSize
                if (have == 8) {
                    drop(8 + 16 * unsigned(6));
                }
            }
            case 255 -> qemu();
            default -> require(false);
        }
    }

    private void qemu() {
        if (have == 2) {
            require(unsigned(1) <= 1);
            if (unsigned(1) == 0) {
                drop(12); // extended KeyEvent
            }
        } else if (have == 4) { // sound
            int operation = unsigned(2) << 8 | unsigned(3);
            require(operation <= 2);
            drop(operation == 2 ? 10 : 4);
        }
    }

    private int unsigned(int at) {
        return Byte.toUnsignedInt(head[at]);
    }

    private void pass(ByteBuf out, long length) {
        out.writeBytes(head, 0, have);
        rest(length, true);
    }

    private void drop(long length) {
        rest(length, false);
    }

    private void rest(long length, boolean pass) {
        left = length - have;
        passing = pass;
        have = 0;
        Arrays.fill(head, (byte) 0);
    }

    private static void require(boolean understood) {
        if (!understood) {
            throw new ConsoleException(Ending.NOT_VNC);
        }
    }
}
