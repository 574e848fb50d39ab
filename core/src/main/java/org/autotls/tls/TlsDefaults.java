package org.autotls.tls;

import java.util.List;
import javax.net.ssl.SSLParameters;

/**
 * The versions and cipher suites that are on unless a server asks for others: TLS 1.3 and 1.2, forward secrecy (ECDHE) and
 * authenticated encryption (AEAD) only. No CBC, no DHE, no static RSA. Stateless.
 */
public final class TlsDefaults {

    /** The versions, by their JSSE names. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** The cipher suites, by their IANA names, the preferred first. */
    public static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private TlsDefaults() {}

    static SSLParameters applyTo(SSLParameters parameters) {
        parameters.setProtocols(PROTOCOLS.toArray(new String[0]));
        parameters.setCipherSuites(CIPHER_SUITES.toArray(new String[0]));
        return parameters;
    }
}
