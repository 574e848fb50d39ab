package org.autotls;

/**
 * Makes text that came from outside (a file name, a ClientHello, a CA's answer) fit for one line of a log or message.
 * Stateless.
 */
public final class Text {

    private static final int MAX = 200;

    private Text() {}

    /**
     * Escapes control characters and everything outside printable ASCII, and cuts at 200 characters.
     *
     * @param raw any text
     * @return one harmless line
     */
    public static String escape(String raw) {
        return escape(raw, MAX);
    }

    /**
     * Escapes control characters and everything outside printable ASCII, and cuts.
     *
     * @param raw any text
     * @param max how many characters of {@code raw} are kept
     * @return one harmless line
     */
    public static String escape(String raw, int max) {
        StringBuilder out = new StringBuilder(Math.min(raw.length(), max) + 8);
        for (int i = 0; i < raw.length() && i < max; i++) {
            char c = raw.charAt(i);
            if (c >= 0x20 && c < 0x7f) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return raw.length() > max ? out.append("…").toString() : out.toString();
    }
}
