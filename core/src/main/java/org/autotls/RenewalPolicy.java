package org.autotls;

import static org.autotls.RenewalDecision.Reason.BACKOFF;
import static org.autotls.RenewalDecision.Reason.CLOCK_BEHIND;
import static org.autotls.RenewalDecision.Reason.EXPIRED;
import static org.autotls.RenewalDecision.Reason.EXPIRES_SOON;
import static org.autotls.RenewalDecision.Reason.MISSING;
import static org.autotls.RenewalDecision.Reason.NOT_YET_VALID;
import static org.autotls.RenewalDecision.Reason.VALID;
import static org.autotls.RenewalDecision.Reason.WINDOW;

import java.time.Duration;
import java.time.Instant;

/**
 * Decides when a certificate is reissued: a pure function of the present, the leaf's times and what was tried before.
 * Immutable.
 *
 * <p>The two intervals are caps. Lifetimes range from hours to years, so what is left is measured against the lifetime
 * first: a third of it, or half if it is under ten days (as Let's Encrypt advises), and never more than
 * {@code reissueInterval}; half of that, and never more than {@code panicInterval}, for the alarm.
 *
 * @param reissueInterval at most this much is left when a certificate is reissued
 * @param panicInterval at most this much is left when a failure becomes an alarm
 */
public record RenewalPolicy(Duration reissueInterval, Duration panicInterval) {

    /** 30 days and 15 days. */
    public static final RenewalPolicy DEFAULT = new RenewalPolicy(Duration.ofDays(30), Duration.ofDays(15));

    /** A machine whose clock stands before this has lost the time: what it thinks of expiry says nothing. */
    static final Instant EARLIEST_CLOCK = Instant.parse("2026-01-01T00:00:00Z");

    private static final Duration SHORT_LIFETIME = Duration.ofDays(10);

    /**
     * Checks the intervals.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public RenewalPolicy {
        positive(reissueInterval, "reissueInterval");
        positive(panicInterval, "panicInterval");
    }

    private static void positive(Duration interval, String name) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException(name + " " + interval + ": expected more than zero");
        }
    }

    /**
     * Decides, in this order.
     *
     * <ol>
     *   <li>A clock before 2026 is wrong: look again when it is right.
     *   <li>No certificate, an expired one, or one inside the panic interval: now, panicking.
     *   <li>Past its point in the renewal window: now.
     *   <li>What is due after a failed try waits until its next try is allowed.
     *   <li>Everything else, a certificate that is not yet valid too: look again at its point in the window.
     * </ol>
     *
     * @param now the present
     * @param leaf what is stored, or {@link LeafTimes#NONE}
     * @param attempts what was tried before, or {@link AttemptRecord#NONE}
     * @return now, or when to look again
     */
    public RenewalDecision decide(Instant now, LeafTimes leaf, AttemptRecord attempts) {
        if (now.isBefore(EARLIEST_CLOCK)) {
            return new RenewalDecision.LookAgainAt(EARLIEST_CLOCK, CLOCK_BEHIND);
        }
        RenewalDecision decision = decide(now, leaf);
        Instant allowed = attempts.allowedAt(now);
        if (decision instanceof RenewalDecision.Now && allowed.isAfter(now)) {
            return new RenewalDecision.LookAgainAt(allowed, BACKOFF);
        }
        return decision;
    }

    private RenewalDecision decide(Instant now, LeafTimes leaf) {
        if (!leaf.exists()) {
            return new RenewalDecision.Now(MISSING, true);
        }
        if (!now.isBefore(leaf.notAfter())) {
            return new RenewalDecision.Now(EXPIRED, true);
        }
        Instant reissueAt = window(leaf).at(leaf.draw());
        if (now.isBefore(leaf.notBefore())) {
            Instant later = leaf.notBefore().isAfter(reissueAt) ? leaf.notBefore() : reissueAt;
            return new RenewalDecision.LookAgainAt(later, NOT_YET_VALID);
        }
        if (isPanicking(now, leaf)) {
            return new RenewalDecision.Now(EXPIRES_SOON, true);
        }
        return now.isBefore(reissueAt)
                ? new RenewalDecision.LookAgainAt(reissueAt, VALID)
                : new RenewalDecision.Now(WINDOW, false);
    }

    /**
     * Tells whether a failure to reissue is an alarm: no certificate, an expired one, or less than the panic interval left.
     *
     * @param now the present
     * @param leaf what is stored, or {@link LeafTimes#NONE}
     * @return whether it is
     */
    public boolean isPanicking(Instant now, LeafTimes leaf) {
        return !leaf.exists() || now.isAfter(leaf.notAfter().minus(panicThreshold(leaf)));
    }

    /**
     * Returns the window in which the leaf's draw says when. It opens when the reissue threshold is left, spans a thirtieth
     * of the lifetime so that certificates made together are not renewed together, and closes before the alarm: for 90
     * days, from day 60 to day 63.
     *
     * @param leaf a leaf that exists
     * @return the window
     */
    public RenewalWindow window(LeafTimes leaf) {
        Instant start = leaf.notAfter().minus(reissueThreshold(leaf));
        Duration spread = leaf.lifetime().dividedBy(30);
        Duration room = reissueThreshold(leaf).minus(panicThreshold(leaf)).dividedBy(2);
        return new RenewalWindow(start, start.plus(min(spread, room)));
    }

    private Duration reissueThreshold(LeafTimes leaf) {
        Duration lifetime = leaf.lifetime();
        return min(reissueInterval, lifetime.dividedBy(lifetime.compareTo(SHORT_LIFETIME) < 0 ? 2 : 3));
    }

    private Duration panicThreshold(LeafTimes leaf) {
        return min(panicInterval, reissueThreshold(leaf).dividedBy(2));
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
