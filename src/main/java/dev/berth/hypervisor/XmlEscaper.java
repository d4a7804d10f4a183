package dev.berth.hypervisor;

import io.quarkus.qute.Expression;
import io.quarkus.qute.RawString;
import io.quarkus.qute.ResultMapper;
import io.quarkus.qute.TemplateNode.Origin;

/**
 * Writes values into XML 1.0 so that they stay values, in text as in attributes. Characters that XML cannot hold at all
 * are replaced by U+FFFD; line breaks and tabs are written as references, or attributes would lose them.
 */
final class XmlEscaper implements ResultMapper {
    @Override
    public int getPriority() {
        return 1000;
    }

    @Override
    public boolean appliesTo(Origin origin, Object result) {
        return true;
    }

    @Override
    public String map(Object result, Expression expression) {
        return result instanceof RawString raw ? raw.getValue() : escape(String.valueOf(result));
    }

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(character -> append(escaped, character));
        return escaped.toString();
    }

    private static void append(StringBuilder escaped, int character) {
        switch (character) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\'' -> escaped.append("&#39;");
            case '\n', '\r', '\t' -> escaped.append("&#").append(character).append(';');
            default -> escaped.appendCodePoint(allowed(character) ? character : 0xFFFD);
        }
    }

    /** The XML 1.0 recommendation's production [2] Char, without the control characters that it discourages. */
    private static boolean allowed(int character) {
        return (character >= 0x20 && character < 0x7F)
                || (character >= 0xA0 && character <= 0xD7FF)
                || (character >= 0xE000 && character <= 0xFFFD)
                || (character >= 0x10000 && character <= 0x10FFFF);
    }
}
