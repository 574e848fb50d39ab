package org.autotls;

import java.time.Duration;
import java.time.Instant;
import org.autotls.testkit.ManualClock;

/** A wall clock that jumps; timers keep to elapsed time, as the system's do. */
final class JumpingClock implements Scheduler {

    private final ManualClock right;
    Duration skew = Duration.ZERO;

    JumpingClock(ManualClock right) {
        this.right = right;
    }

    @Override
    public Instant instant() {
        return right.instant().plus(skew);
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        return right.schedule(delay, task);
    }
}
