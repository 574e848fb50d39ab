package org.autotls.acme;

import java.time.Duration;
import java.util.Optional;

/**
 * How long to wait between the looks at one resource (RFC 8555 §7.5.1): 50, 100 and 200 ms, since most CAs are quick; then
 * as the CA's Retry-After says, and without one twice as long each time, up to 5 s. One thread at a time.
 */
final class Pace {

    private static final Duration FIRST = Duration.ofMillis(50);
    private static final int QUICK_LOOKS = 3;
    private static final int MOST_DOUBLINGS = 7; // 6.4 s, cut to 5
    private static final Duration SLOWEST = Duration.ofSeconds(5);

    private int looks;

    /**
     * Returns the wait before the next look.
     *
     * @param retryAfter what the last answer asked for
     */
    Duration next(Optional<Duration> retryAfter) {
        Duration own = FIRST.multipliedBy(1L << Math.min(looks, MOST_DOUBLINGS));
        looks++;
        if (looks <= QUICK_LOOKS) {
            return own;
        }
        return retryAfter.orElse(own.compareTo(SLOWEST) > 0 ? SLOWEST : own);
    }

    /** How many waits were asked for. */
    int looks() {
        return looks;
    }
}
