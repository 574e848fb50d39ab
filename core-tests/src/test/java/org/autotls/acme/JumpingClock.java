package org.autotls.acme;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.autotls.Scheduler;

/**
 * Virtual time for tests that talk over real sockets: a pause is over as soon as it is asked for, and time has moved by as
 * much. What is scheduled after exactly {@link #deadline} is the limit of a request: it comes only when {@link #expire} is
 * called, so that no slow machine makes a sound answer late.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class JumpingClock implements Scheduler {

    private final List<Runnable> deadlines = new ArrayList<>();
    private final Executor executor;
    private final Duration deadline;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    JumpingClock(Executor executor, Duration deadline) {
        this.executor = executor;
        this.deadline = deadline;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized Cancellable schedule(Duration delay, Runnable task) {
        if (delay.equals(deadline)) {
            deadlines.add(task);
            return () -> cancel(task);
        }
        now = now.plus(delay);
        executor.execute(task);
        return () -> {};
    }

    synchronized void advance(Duration step) {
        now = now.plus(step);
    }

    /** Lets the deadlines of all requests pass that are under way. */
    void expire() {
        List<Runnable> late;
        synchronized (this) {
            now = now.plus(deadline);
            late = List.copyOf(deadlines);
            deadlines.clear();
        }
        late.forEach(Runnable::run);
    }

    /** How many requests are under way. */
    synchronized int underWay() {
        return deadlines.size();
    }

    private synchronized void cancel(Runnable task) {
        deadlines.remove(task);
    }
}
