package org.autotls;

import java.time.Duration;
import java.time.InstantSource;

/**
 * The present, and a way to be called later. The only source of time: tests pass a manual one, and ten years pass in a
 * second.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public interface Scheduler extends InstantSource {

    /**
     * Makes a scheduler over the system's clocks: the wall clock for {@link #instant}, elapsed time for {@link #schedule}.
     * Its one daemon thread ends ten seconds after the last task.
     *
     * @return a new scheduler, independent of all others
     */
    static Scheduler system() {
        return new SystemScheduler();
    }

    /**
     * Runs {@code task} once, after {@code delay} of elapsed time (a wall clock that jumps does not move it).
     *
     * @param delay how long from now; zero or negative means as soon as may be
     * @param task must not block; what it throws is logged
     * @return a handle that cancels the task if it has not begun
     */
    Cancellable schedule(Duration delay, Runnable task);

    /** A task that has not begun. */
    @FunctionalInterface
    interface Cancellable {

        /** Cancels the task. Does nothing if it has begun or was cancelled. */
        void cancel();
    }
}
