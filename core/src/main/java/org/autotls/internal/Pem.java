package org.autotls.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * PEM texts (RFC 7468): reads them as leniently as OpenSSL does, writes them strictly. Linear in the input. Stateless.
 *
 * <p>Text between blocks, CRLF, a byte-order mark, leading and trailing blanks and any order of blocks are accepted; a block
 * that does not end, or is not base64, is refused.
 */
public final class Pem {

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    /**
     * One block. Its {@code toString} does not show the content, which may be a key.
     *
     * @param type what stands after BEGIN, for example {@code CERTIFICATE}
     * @param content the DER bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and copied by none: a carrier between two lines of code
    public record Block(String type, byte[] content) {
        @Override
        public String toString() {
            return "Block[" + type + ", " + content.length + " bytes]";
        }
    }

    private Pem() {}

    /**
     * Reads all blocks.
     *
     * @param text PEM, perhaps with other text between the blocks
     * @return the blocks in the order of the text; empty if there is none
     * @throws IllegalArgumentException if a block does not end or is not base64; names the line, never the content
     */
    public static List<Block> parse(String text) {
        List<Block> blocks = new ArrayList<>();
        String type = "";
        StringBuilder body = new StringBuilder();
        int number = 0;
        int began = 0;
        for (String raw : text.lines().toList()) {
            number++;
            String line = raw.strip();
            if (number == 1 && line.startsWith("\ufeff")) {
                line = line.substring(1);
            }
            if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
                if (began > 0) {
                    throw new IllegalArgumentException(
                            "PEM block of line " + began + " does not end before line " + number);
                }
                type = line.substring(BEGIN.length(), line.length() - DASHES.length());
                body.setLength(0);
                began = number;
            } else if (began > 0 && line.equals(END + type + DASHES)) {
                blocks.add(new Block(type, decode(body, began)));
                began = 0;
            } else if (began > 0) {
                body.append(line);
            }
        }
        if (began > 0) {
            throw new IllegalArgumentException("PEM block of line " + began + " does not end");
        }
        return blocks;
    }

    /**
     * Writes one block, with a final newline.
     *
     * @param type what stands after BEGIN
     * @param content the DER bytes
     * @return PEM
     */
    public static String encode(String type, byte[] content) {
        return BEGIN + type + DASHES + "\n" + LINES.encodeToString(content) + "\n" + END + type + DASHES + "\n";
    }

    private static byte[] decode(CharSequence body, int line) {
        try {
            return Base64.getDecoder().decode(body.toString());
        } catch (IllegalArgumentException e) {
            // The cause's text may quote a byte of a key: it is left out.
            throw new IllegalArgumentException("PEM block of line " + line + " is not base64");
        }
    }
}
