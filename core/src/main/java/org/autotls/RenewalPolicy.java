package org.autotls;

import static org.autotls.RenewalDecision.Reason.BACKOFF;
import static org.autotls.RenewalDecision.Reason.CA_SCHEDULE;
import static org.autotls.RenewalDecision.Reason.CA_WINDOW;
import static org.autotls.RenewalDecision.Reason.CLOCK_BEHIND;
import static org.autotls.RenewalDecision.Reason.EXPIRED;
import static org.autotls.RenewalDecision.Reason.EXPIRES_SOON;
import static org.autotls.RenewalDecision.Reason.MISSING;
import static org.autotls.RenewalDecision.Reason.NOT_YET_VALID;
import static org.autotls.RenewalDecision.Reason.ORDERED_LATELY;
import static org.autotls.RenewalDecision.Reason.VALID;
import static org.autotls.RenewalDecision.Reason.WINDOW;

import java.time.Duration;
import java.time.Instant;

/**
 * Decides when a certificate is reissued: a pure function of the present, the leaf's times, what was tried before and what
 * the issuer said. Immutable.
 *
 * <p>The two intervals are caps. Lifetimes range from hours to years, so what is left is measured against the lifetime
 * first: a third of it, or half if it is under ten days (as Let's Encrypt advises), and never more than
 * {@code reissueInterval}; half of that, and never more than {@code panicInterval}, for the alarm.
 *
 * <p>What the issuer said (RFC 9773) may bring a renewal forward as far as it likes, but only once an hour, so that a window
 * that is past for ever costs little; and may put it off to the end of the window that the lifetime gives, not further.
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

    /** How far from a certificate's validity a window may lie: one in the past means now, one of 1970 is a mistake. */
    private static final Duration WINDOW_MARGIN = Duration.ofDays(1);

    private static final Duration BETWEEN_ORDERS = Duration.ofHours(1);

    /**
     * What begins later than this was made by a clock that ran ahead: the embedded CA's, which is this machine's. Were it this
     * clock that is so far behind, no CA could be reached at all, since its own certificate would not be valid yet.
     */
    private static final Duration FAR_AHEAD = Duration.ofDays(365);

    /**
     * Checks the intervals.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public RenewalPolicy {
        positive(reissueInterval, "reissue interval");
        positive(panicInterval, "panic interval");
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
     *   <li>No certificate, one that has expired or begins in more than a year, or one inside the panic interval: now, panicking.
     *   <li>Past its point in the renewal window, or past that window if the issuer gave another one: now.
     *   <li>Past the instant drawn from the issuer's window: now, but an hour after the last order at the soonest.
     *   <li>What is due after a failed try waits until its next try is allowed.
     *   <li>Everything else, a certificate that is not yet valid too: look again at the sooner of both.
     * </ol>
     *
     * @param now the present
     * @param leaf what is stored, or {@link LeafTimes#NONE}
     * @param attempts what was tried before, or {@link AttemptRecord#NONE}
     * @param said what the issuer said of this leaf, or {@link RenewalRecord#NONE}
     * @return now, or when to look again
     */
    public RenewalDecision decide(Instant now, LeafTimes leaf, AttemptRecord attempts, RenewalRecord said) {
        if (now.isBefore(EARLIEST_CLOCK)) {
            return new RenewalDecision.LookAgainAt(EARLIEST_CLOCK, CLOCK_BEHIND);
        }
        RenewalDecision decision = decideByLeaf(now, leaf, attempts, said);
        Instant allowed = attempts.allowedAt(now);
        if (decision instanceof RenewalDecision.Now && allowed.isAfter(now)) {
            return new RenewalDecision.LookAgainAt(allowed, BACKOFF);
        }
        return decision;
    }

    private RenewalDecision decideByLeaf(Instant now, LeafTimes leaf, AttemptRecord attempts, RenewalRecord said) {
        if (!leaf.exists()) {
            return new RenewalDecision.Now(MISSING, true);
        }
        if (!now.isBefore(leaf.notAfter())) {
            return new RenewalDecision.Now(EXPIRED, true);
        }
        Instant latest = latest(leaf, said);
        Instant reissueAt = said.window().isPresent() && said.selected().isBefore(latest) ? said.selected() : latest;
        if (now.isBefore(leaf.notBefore())) {
            Instant later = leaf.notBefore().isAfter(reissueAt) ? leaf.notBefore() : reissueAt;
            return isFarAhead(now, leaf)
                    ? new RenewalDecision.Now(NOT_YET_VALID, true)
                    : new RenewalDecision.LookAgainAt(later, NOT_YET_VALID);
        }
        if (isPanicking(now, leaf)) {
            return new RenewalDecision.Now(EXPIRES_SOON, true);
        }
        if (now.isBefore(reissueAt)) {
            return new RenewalDecision.LookAgainAt(reissueAt, said.window().isPresent() ? CA_SCHEDULE : VALID);
        }
        if (!now.isBefore(latest)) {
            return new RenewalDecision.Now(WINDOW, false);
        }
        Instant free = hourAfterLastOrder(now, attempts, said);
        return free.isAfter(now)
                ? new RenewalDecision.LookAgainAt(free.isBefore(latest) ? free : latest, ORDERED_LATELY)
                : new RenewalDecision.Now(CA_WINDOW, false);
    }

    /** Until when a renewal may wait, whatever the issuer says. */
    private Instant latest(LeafTimes leaf, RenewalRecord said) {
        RenewalWindow own = window(leaf);
        return said.window().isPresent() ? own.end() : own.at(leaf.draw());
    }

    /** What a clock wrote that runs ahead says nothing. */
    private static Instant hourAfterLastOrder(Instant now, AttemptRecord attempts, RenewalRecord said) {
        Instant tried = attempts.failures() > 0 && !attempts.isResumable() ? attempts.failedAt() : Instant.EPOCH;
        Instant last = tried.isAfter(said.issuedAt()) ? tried : said.issuedAt();
        return last.isAfter(now.plus(BETWEEN_ORDERS)) ? now : last.plus(BETWEEN_ORDERS);
    }

    /**
     * Tells whether an issuer's window can be meant for a leaf: it lies within the leaf's validity, give or take a day.
     *
     * @param window what the issuer said
     * @param leaf a leaf that exists
     * @return false for a window of another decade, say: it is no answer
     */
    static boolean isPlausible(RenewalWindow window, LeafTimes leaf) {
        return !window.start().isBefore(leaf.notBefore().minus(WINDOW_MARGIN))
                && !window.end().isAfter(leaf.notAfter().plus(WINDOW_MARGIN));
    }

    /**
     * Tells whether a failure to reissue is an alarm: no certificate, an expired one, one that begins in more than a year, or
     * less than the panic interval left.
     *
     * @param now the present
     * @param leaf what is stored, or {@link LeafTimes#NONE}
     * @return whether it is
     */
    public boolean isPanicking(Instant now, LeafTimes leaf) {
        return !leaf.exists()
                || isFarAhead(now, leaf)
                || now.isAfter(leaf.notAfter().minus(panicThreshold(leaf)));
    }

    private static boolean isFarAhead(Instant now, LeafTimes leaf) {
        return !now.isBefore(EARLIEST_CLOCK) && now.isBefore(leaf.notBefore().minus(FAR_AHEAD));
    }

    /** Tells whether a certificate ends soon, or ended so lately that somebody still counts on it. */
    boolean isEndangered(Instant now, LeafTimes leaf) {
        return leaf.exists()
                && isPanicking(now, leaf)
                && now.isBefore(leaf.notAfter().plus(panicThreshold(leaf)));
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
