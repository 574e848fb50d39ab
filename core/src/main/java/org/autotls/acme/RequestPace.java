package org.autotls.acme;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.autotls.RateLimit;

/**
 * Keeps requests to a CA at half of the rates that it refuses beyond: others behind the same address may ask, too. Each
 * request is given its own instant, so none overtakes another of its kind.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks.
 */
final class RequestPace {

    private static final class Lane {
        private final int burst;
        private final Duration interval;
        private Instant fullAt = Instant.MIN;

        Lane(RateLimit limit) {
            this.burst = Math.max(1, limit.count() / 2);
            this.interval = limit.period().multipliedBy(2).dividedBy(limit.count());
        }

        /** Reserved instants reach further ahead than the bucket is deep, so its own bound is not asked. */
        Duration reserve(Instant now) {
            boolean sound = !fullAt.isBefore(now) && fullAt.isBefore(now.plus(LONGEST));
            fullAt = (sound ? fullAt : now).plus(interval);
            Duration wait = Duration.between(now.plus(interval.multipliedBy(burst)), fullAt);
            return wait.isNegative() ? Duration.ZERO : wait;
        }
    }

    /** A request that would have to wait longer is due to a clock that was put back. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private final AcmeLimits limits;

    // All guarded by this.
    private final Map<String, Lane> lanes = new HashMap<>();
    private String renewalInfo = "\n"; // begins no URL

    RequestPace(URI directory, AcmeLimits limits) {
        this.limits = limits;
        lanes.put(directory.toString(), new Lane(limits.directory()));
    }

    /** Learns where the requests that are limited go to. */
    synchronized void learn(Directory directory) {
        lanes.computeIfAbsent(directory.newNonce().toString(), url -> new Lane(limits.newNonce()));
        lanes.computeIfAbsent(directory.newAccount().toString(), url -> new Lane(limits.newAccount()));
        lanes.computeIfAbsent(directory.newOrder().toString(), url -> new Lane(limits.newOrder()));
        directory.renewalInfo().ifPresent(url -> {
            renewalInfo = url.toString();
            lanes.computeIfAbsent(renewalInfo, known -> new Lane(limits.renewalInfo()));
        });
    }

    /** Gives a request its instant, and returns how long it waits for that; zero for what is not limited. */
    synchronized Duration reserve(URI url, Instant now) {
        String key = url.toString();
        Lane lane = lanes.get(key.startsWith(renewalInfo) ? renewalInfo : key);
        return lane == null ? Duration.ZERO : lane.reserve(now);
    }
}
