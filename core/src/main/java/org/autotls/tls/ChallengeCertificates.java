package org.autotls.tls;

import java.util.Optional;
import org.autotls.CertificateBundle;

/**
 * The certificates that answer pending tls-alpn-01 challenges (RFC 8737 §3). Asked during handshakes.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks, never throws, in constant time.
 */
@FunctionalInterface
public interface ChallengeCertificates {

    /** No challenge is ever pending. */
    ChallengeCertificates NONE = serverName -> Optional.empty();

    /**
     * Returns the certificate that proves control of {@code serverName}, if a challenge is pending for it.
     *
     * @param serverName lower-case ASCII; for an IP address its reverse name ({@code 1.2.0.192.in-addr.arpa}, RFC 8738 §6)
     * @return the self-signed bundle, the same instance as long as the challenge is pending; empty if none is
     */
    Optional<CertificateBundle> find(String serverName);
}
