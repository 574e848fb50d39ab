package org.autotls.acme;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.PKIXReason;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.autotls.Text;

/** Says in words of a person why a request did not reach the CA; the JDK's client often has none. Stateless. */
final class Unreachable {

    private static final int MAX_DEPTH = 10;

    private Unreachable() {}

    /**
     * One line that names the URL and what failed.
     *
     * <p>The order of the decision: 1. a name that does not resolve; 2. a connection that took too long; 3. no way to the
     * host; 4. a refused connection (which the JDK's client shows as a closed channel, without a word); 5. a certificate
     * that leads to no trusted root; 6. one that is refused for another reason; 7. TLS that fails otherwise; 8. a connection
     * that broke later.
     */
    static String describe(URI url, Throwable thrown) {
        return "the CA cannot be reached at " + url + ": " + why(url, thrown);
    }

    private static String why(URI url, Throwable thrown) {
        if (find(thrown, UnresolvedAddressException.class).isPresent()
                || find(thrown, UnknownHostException.class).isPresent()) {
            return "the host name '" + url.getHost() + "' is not known";
        }
        if (find(thrown, HttpConnectTimeoutException.class).isPresent()) {
            return "connecting took too long (a timeout)";
        }
        if (find(thrown, NoRouteToHostException.class).isPresent()) {
            return "there is no way to the host";
        }
        if (find(thrown, ConnectException.class).isPresent()) {
            return "the connection was refused; nothing listens there, or something in between says no";
        }
        if (find(thrown, CertPathBuilderException.class).isPresent() || isOfAnotherRoot(thrown)) {
            return "its https certificate leads to no root that is trusted here; if this CA has a root of its own, name it"
                    + " with --acme-root FILE (in a program: trust(FILE))";
        }
        return find(thrown, CertificateException.class)
                .map(refused -> "its https certificate is refused: " + name(refused))
                .or(() -> find(thrown, SSLException.class).map(failed -> "TLS failed: " + name(failed)))
                .orElseGet(() -> "the connection broke: " + name(thrown));
    }

    /** A root of ours has the same name as the CA's, and another key. */
    private static boolean isOfAnotherRoot(Throwable thrown) {
        return find(thrown, CertPathValidatorException.class)
                .filter(refused -> refused.getReason() == BasicReason.INVALID_SIGNATURE
                        || refused.getReason() == PKIXReason.NO_TRUST_ANCHOR)
                .isPresent();
    }

    /** The first exception of a chain that says something, with its class. */
    static String name(Throwable thrown) {
        Throwable told = thrown;
        for (int depth = 0; depth < MAX_DEPTH && told.getMessage() == null && told.getCause() != null; depth++) {
            told = told.getCause();
        }
        String message = told.getMessage();
        return told.getClass().getSimpleName() + (message == null ? "" : ", " + Text.escape(message));
    }

    private static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> type) {
        Throwable cause = thrown;
        for (int depth = 0; depth < MAX_DEPTH && cause != null; depth++) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
