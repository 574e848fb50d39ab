package org.autotls.tls;

/** The alerts with which a connection is refused before a TLS engine has seen it (RFC 8446 §6). Immutable. */
public enum TlsAlert {
    /** What came is no ClientHello. */
    UNEXPECTED_MESSAGE(10),
    /** A record longer than 2^14 bytes. */
    RECORD_OVERFLOW(22),
    /** No certificate for a client that sent no server name and knows TLS 1.2 at most. */
    HANDSHAKE_FAILURE(40),
    /** A ClientHello that contradicts itself, or one over 32 KiB. */
    ILLEGAL_PARAMETER(47),
    /** A ClientHello whose lengths do not add up. */
    DECODE_ERROR(50),
    /** A client of TLS 1.3 that sent no server name, where one is required (RFC 8446 §9.2). */
    MISSING_EXTENSION(109),
    /** A server name that is not served here (RFC 6066 §3). */
    UNRECOGNIZED_NAME(112),
    /** A validation connection, and no challenge is pending (RFC 7301 §3.2, RFC 8737 §3). */
    NO_APPLICATION_PROTOCOL(120);

    private static final byte FATAL = 2;

    private final int code;

    TlsAlert(int code) {
        this.code = code;
    }

    /**
     * Returns the number that goes over the wire.
     *
     * @return 0 to 255
     */
    public int code() {
        return code;
    }

    /**
     * Returns the alert as one plaintext record, right for every version of TLS as long as the server has sent nothing.
     *
     * @return seven bytes; a new array each time
     */
    public byte[] toRecord() {
        return new byte[] {21, 3, 3, 0, 2, FATAL, (byte) code};
    }
}
