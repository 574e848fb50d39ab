package org.autotls.dns;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import org.autotls.Text;

/**
 * Where a provider's API is, and how long it is waited for. Immutable.
 *
 * @param base the URL that paths are appended to; https, or http on a loopback address
 * @param deadline for one request in all, connecting and body too; more than zero
 * @param clock the present, for signatures and for what {@code Retry-After} is counted from
 */
public record ApiEndpoint(URI base, Duration deadline, InstantSource clock) {

    /** How long one request may take unless told otherwise. */
    public static final Duration DEADLINE = Duration.ofSeconds(20);

    /**
     * Checks an endpoint.
     *
     * @throws IllegalArgumentException if credentials would travel in clear text, or the deadline is not positive
     */
    public ApiEndpoint {
        requireNonNull(clock, "clock");
        checkSafe(base, "the API");
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("API deadline " + deadline + ": expected more than zero");
        }
    }

    /**
     * An endpoint with the usual deadline.
     *
     * @param base as above
     * @param clock as above
     */
    public ApiEndpoint(URI base, InstantSource clock) {
        this(base, DEADLINE, clock);
    }

    URI resolve(String pathAndQuery) {
        String prefix = base.toString();
        return URI.create((prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix) + pathAndQuery);
    }

    /** Credentials go to {@code url}, so it must be https, unless they stay on this machine. */
    static void checkSafe(URI url, String what) {
        boolean loopback = "http".equals(url.getScheme()) && isLoopback(url.getHost());
        if (url.getHost() == null || url.getRawUserInfo() != null || !("https".equals(url.getScheme()) || loopback)) {
            throw new IllegalArgumentException(
                    "the URL of " + what + " is '" + Text.escape(url.toString()) + "': expected https://HOST…");
        }
    }

    /** Addresses only: a name would be looked up, and may be answered differently the next time. */
    private static boolean isLoopback(String host) {
        try {
            return host != null
                    && host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+]")
                    && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
