package org.autotls;

import java.net.URI;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an {@link AutoTls.Builder} was told, checked. Immutable.
 *
 * @param home where bundles, state and the account key are kept
 * @param source where certificates come from
 * @param subjects what is asked for at start, one certificate each
 * @param ca how to speak with an ACME CA
 * @param timing when to check and renew
 * @param keys makes the key of each new certificate
 * @param responders the user's own, asked before ours
 * @param httpPort where http-01 is answered; {@link #NO_HTTP_PORT} for nowhere
 * @param httpsPort where plain http is redirected to
 * @param scheduler the only source of time
 * @param panic the user's alarm; empty for the service's own
 * @param listeners told what the service does
 */
record AutoTlsSettings(
        Home home,
        Source source,
        List<Subject> subjects,
        Ca ca,
        Timing timing,
        Supplier<KeyPair> keys,
        List<Responder> responders,
        int httpPort,
        int httpsPort,
        Scheduler scheduler,
        Optional<PanicCallback> panic,
        List<ServiceListener> listeners) {

    /** http-01 is answered nowhere. */
    static final int NO_HTTP_PORT = -1;

    /** Where bundles, state and the account key are kept. */
    sealed interface Home {

        /** A certificate directory. */
        record InDirectory(Path path) implements Home {
            @Override
            public String toString() {
                return path.toString();
            }
        }

        /** Stores of the user's own. */
        record InStores(CertificateStore certificates, StateStore state, AccountKeyStore accountKeys) implements Home {
            @Override
            public String toString() {
                return "own stores";
            }
        }
    }

    /** Where certificates come from. */
    sealed interface Source {

        /** An ACME CA, by the URL of its directory. */
        record Acme(URI directory) implements Source {
            @Override
            public String toString() {
                return directory.toString();
            }
        }

        /** The embedded private CA. */
        record Local() implements Source {
            @Override
            public String toString() {
                return "local CA";
            }
        }

        /** Another process. */
        record ReadOnly() implements Source {
            @Override
            public String toString() {
                return "read-only";
            }
        }

        /** An issuer of the user's own, made anew for each attempt. */
        record Custom(Supplier<Issuer> issuer) implements Source {
            @Override
            public String toString() {
                return "own issuer";
            }
        }
    }

    /**
     * How to speak with an ACME CA.
     *
     * @param email the account's contact; empty for none
     * @param termsAgreed whether the user agreed to the CA's terms of service
     * @param roots trusted for the CA's https, besides the JDK's own
     * @param rootFiles the same, in PEM files, read at start
     * @param timeout for one request, headers and body
     */
    record Ca(String email, boolean termsAgreed, List<X509Certificate> roots, List<Path> rootFiles, Duration timeout) {}

    /**
     * When to check and renew.
     *
     * @param check between two checks of the whole store
     * @param reissue a cap on how early a certificate is reissued
     * @param panic a cap on how early a failure to reissue raises the alarm
     */
    record Timing(Duration check, Duration reissue, Duration panic) {}
}
