package org.autotls.dns;

/** TXT data as zone files write it, which several APIs do, too. Stateless. */
final class Txt {

    /** In seconds. */
    static final int TTL = 60;

    private Txt() {}

    static String quote(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The value of data that may be quoted or not; data of several strings is of no value of ours, and stays as it is. */
    static String unquote(String data) {
        boolean quoted = data.length() >= 2 && data.startsWith("\"") && data.endsWith("\"");
        return quoted
                ? data.substring(1, data.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\")
                : data;
    }
}
