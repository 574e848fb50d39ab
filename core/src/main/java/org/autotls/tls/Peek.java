package org.autotls.tls;

/** What the first bytes of a connection turned out to be. Immutable. */
public sealed interface Peek {

    /** Nothing can be said yet: more bytes must come. */
    record Incomplete() implements Peek {}

    /**
     * The bytes are a whole ClientHello.
     *
     * @param hello what it says
     */
    record Hello(ClientHello hello) implements Peek {}

    /**
     * The bytes are no ClientHello that can be served.
     *
     * @param alert what to answer before closing
     * @param reason for a log; holds nothing that the client sent
     */
    record Refused(TlsAlert alert, String reason) implements Peek {}
}
