package org.autotls.responder;

import java.time.Duration;
import java.time.Instant;
import org.autotls.Scheduler;

/** Time that jumps to whatever is waited for. */
final class JumpingClock implements Scheduler {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized Cancellable schedule(Duration delay, Runnable task) {
        now = now.plus(delay);
        task.run();
        return () -> {};
    }
}
