package dev.berth.common;

/**
 * Text from outside made harmless to show: what a guest, its QEMU or another program said. HTML is not its business,
 * pages escape that; but control characters steer terminals that show a log or a list, a zero byte is none that
 * PostgreSQL takes, and marks of direction show words in another order than they have.
 */
public final class Printable {
    /** As much as a person reads of it. */
    private static final int LONGEST = 2_000;

    private static final int PICTURES = 0x2400;

    private Printable() {}

    /** The text with a visible sign in place of each such character; only line ends stay what they are. */
    public static String of(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().limit(LONGEST).map(Printable::shown).forEach(safe::appendCodePoint);
        return safe.toString();
    }

    private static int shown(int character) {
        if (character == '\n') {
            return character;
        }
        if (character < 0x20) {
            return PICTURES + character;
        }
        int type = Character.getType(character);
        boolean hidden = type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
        return hidden ? 0xfffd : character;
    }
}
