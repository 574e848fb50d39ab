package org.autotls;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Decides when a failed try is repeated: after 1, 10 and 100 minutes, then daily, each half less to half more. A pure
 * function but for the draw.
 *
 * <p>What a person has to mend (a refusal, a pause, a configuration, a bad certificate) goes to daily at once. What the CA
 * asks for (Retry-After) is never undercut, but a CA that asks for more than a week is not believed.
 */
final class RetrySchedule {

    private static final Duration DAILY = Duration.ofDays(1);
    private static final List<Duration> STEPS =
            List.of(Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofMinutes(100));
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(7);

    private RetrySchedule() {}

    /**
     * Returns when to try again.
     *
     * @param failures how many tries have failed in a row, this one included; at least 1
     * @param failure the last failure
     * @param now the present
     * @param random where the jitter comes from; need not be secure
     * @return 30 seconds to 36 hours from {@code now}, or later if the CA asked for that, at most 8 days
     */
    static Instant next(int failures, IssueException failure, Instant now, RandomGenerator random) {
        Instant bySchedule = now.plus(jittered(step(failures, failure.kind()), random));
        return failure.retryAt()
                .map(asked -> later(bySchedule, spread(asked, now, random)))
                .orElse(bySchedule);
    }

    private static Duration step(int failures, IssueException.Kind kind) {
        return switch (kind) {
            case REFUSED, CONFIGURATION, BAD_CERTIFICATE, PAUSED -> DAILY;
            case NETWORK, SERVER, RATE_LIMITED, OVER_BUDGET, UNPROVED, STOPPED ->
                failures > STEPS.size() ? DAILY : STEPS.get(Math.max(failures, 1) - 1);
        };
    }

    private static Duration jittered(Duration step, RandomGenerator random) {
        return Duration.ofMillis((long) (step.toMillis() * (0.5 + random.nextDouble())));
    }

    /** Many subjects are told the same instant: they come back over the tenth of the wait that follows it. */
    private static Instant spread(Instant asked, Instant now, RandomGenerator random) {
        Instant latest = now.plus(LONGEST_RETRY_AFTER);
        Instant believed = asked.isAfter(latest) ? latest : later(asked, now);
        long wait = Duration.between(now, believed).toMillis();
        return believed.plusMillis((long) (wait * 0.1 * random.nextDouble()));
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
