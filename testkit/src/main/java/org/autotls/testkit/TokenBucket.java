package org.autotls.testkit;

import java.time.Duration;
import java.time.Instant;

/** Holds so many tokens, and gets one back each interval. Guarded by its owner. */
final class TokenBucket {

    private final int capacity;
    private final Duration interval;
    private Instant fullAt = Instant.MIN;

    TokenBucket(int capacity, Duration interval) {
        this.capacity = capacity;
        this.interval = interval;
    }

    /** How long until there is a token; zero if there is one. */
    Duration untilNext(Instant now) {
        Instant start = fullAt.isAfter(now) ? fullAt : now;
        Duration missing = Duration.between(now, start).plus(interval).minus(interval.multipliedBy(capacity));
        return missing.isNegative() ? Duration.ZERO : missing;
    }

    /** Takes a token, even one that is not there. */
    void take(Instant now) {
        fullAt = (fullAt.isAfter(now) ? fullAt : now).plus(interval);
    }
}
