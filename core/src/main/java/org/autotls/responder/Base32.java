package org.autotls.responder;

/** Base 32 in lower case and without padding (RFC 4648 §6), as it goes into a DNS label. Stateless. */
final class Base32 {

    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int BITS = 5;

    private Base32() {}

    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        int buffer = 0;
        int held = 0;
        for (byte next : bytes) {
            buffer = ((buffer << 8) | (next & 0xff)) & 0xfff;
            held += 8;
            while (held >= BITS) {
                held -= BITS;
                text.append(DIGITS.charAt((buffer >> held) & 31));
            }
        }
        if (held > 0) {
            text.append(DIGITS.charAt((buffer << (BITS - held)) & 31));
        }
        return text.toString();
    }
}
