package org.autotls.testkit;

import java.util.List;

/** What does the TLS under a server that is tested, and what the engines do differently. */
public enum TlsEngine {
    /** The JDK's. */
    JDK(32 * 1024, List.of("alert 112", "alert 47", "CLOSED")),

    /** BoringSSL as Netty brings it. */
    BORINGSSL(16 * 1024, List.of("SERVER_HELLO")),

    /** BoringSSL as Conscrypt brings it; our part of the engine reads the ClientHello before it does. */
    CONSCRYPT(32 * 1024, List.of("SERVER_HELLO"));

    private final int longestHello;
    private final List<String> afterRetryWithAnotherName;

    TlsEngine(int longestHello, List<String> afterRetryWithAnotherName) {
        this.longestHello = longestHello;
        this.afterRetryWithAnotherName = afterRetryWithAnotherName;
    }

    /** The longest ClientHello that it takes, in bytes. */
    int longestHello() {
        return longestHello;
    }

    /**
     * What may follow a second ClientHello with another server name: a refusal, or the handshake goes on with the certificate of
     * the first name, since BoringSSL does not look at the second.
     */
    List<String> afterRetryWithAnotherName() {
        return afterRetryWithAnotherName;
    }
}
