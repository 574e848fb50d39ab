package org.autotls.internal;

import java.time.Duration;
import java.time.Instant;

/**
 * A token bucket that gets one token back each interval. What it holds follows from one instant, the one at which it will be
 * full again, so that this is all there is to keep. Immutable.
 *
 * @param capacity how many tokens it holds; at least 1
 * @param interval in which one comes back; more than zero
 */
public record TokenBucket(int capacity, Duration interval) {

    /**
     * Returns how many tokens there are.
     *
     * @param fullAt when it will be full
     * @param now the present
     * @return zero to {@code capacity}
     */
    public int available(Instant fullAt, Instant now) {
        return (int) depth().minus(Duration.between(now, start(fullAt, now))).dividedBy(interval);
    }

    /**
     * Returns when there is a token.
     *
     * @param fullAt when it will be full
     * @param now the present
     * @return {@code now}, or later
     */
    public Instant nextAt(Instant fullAt, Instant now) {
        Instant next = start(fullAt, now).plus(interval).minus(depth());
        return next.isAfter(now) ? next : now;
    }

    /**
     * Takes tokens, even some that are not there yet.
     *
     * @param fullAt when it will be full
     * @param tokens how many
     * @param now the present
     * @return when it will be full then
     */
    public Instant take(Instant fullAt, int tokens, Instant now) {
        return start(fullAt, now).plus(interval.multipliedBy(tokens));
    }

    /** A bucket is empty at most: a clock that ran ahead and was put right must not close it for years. */
    private Instant start(Instant fullAt, Instant now) {
        Instant latest = now.plus(depth());
        return fullAt.isBefore(now) ? now : fullAt.isAfter(latest) ? latest : fullAt;
    }

    private Duration depth() {
        return interval.multipliedBy(capacity);
    }
}
