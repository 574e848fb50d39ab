package org.autotls.tls;

import java.util.Optional;
import java.util.function.Predicate;
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

    /**
     * Returns the certificate for a validator that may not know every kind of key.
     *
     * @param serverName as for {@link #find(String)}
     * @param accepted whether the validator can verify what a certificate's key signs
     * @return by default the same as for any other
     */
    default Optional<CertificateBundle> find(String serverName, Predicate<CertificateBundle> accepted) {
        return find(serverName);
    }

    /**
     * Asks others for what these do not have.
     *
     * @param others asked second
     * @return both
     */
    default ChallengeCertificates or(ChallengeCertificates others) {
        ChallengeCertificates first = this;
        return new ChallengeCertificates() {
            @Override
            public Optional<CertificateBundle> find(String serverName) {
                return first.find(serverName).or(() -> others.find(serverName));
            }

            @Override
            public Optional<CertificateBundle> find(String serverName, Predicate<CertificateBundle> accepted) {
                return first.find(serverName, accepted).or(() -> others.find(serverName, accepted));
            }
        };
    }
}
