package org.autotls.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.autotls.Scheduler;

/**
 * A {@link Scheduler} whose time stands still until a test moves it. Tasks run on the thread that moves the clock, in the
 * order of their instants; those due at the same instant run in the order in which they were scheduled.
 *
 * <p><b>Threads.</b> Safe for many threads; one thread at a time advances it.
 */
public final class ManualClock implements Scheduler {

    private record Task(Instant due, long number, Runnable body) {}

    private final List<Task> tasks = new ArrayList<>();
    private Instant now;
    private long next;

    /**
     * Makes a clock that stands at {@code start}.
     *
     * @param start the first instant
     */
    public ManualClock(Instant start) {
        this.now = start;
    }

    /** Makes a clock that stands at the beginning of 2026, UTC. */
    public ManualClock() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized Cancellable schedule(Duration delay, Runnable body) {
        Task task = new Task(now.plus(delay.isNegative() ? Duration.ZERO : delay), next++, body);
        tasks.add(task);
        return () -> remove(task);
    }

    /**
     * Moves the clock and runs what becomes due on the way, each task at its own instant.
     *
     * @param step not negative
     */
    public void advance(Duration step) {
        Instant target = instant().plus(step);
        for (Optional<Task> task = takeDue(target); task.isPresent(); task = takeDue(target)) {
            task.get().body().run();
        }
        synchronized (this) {
            now = target;
        }
    }

    /**
     * Returns how far away the next task is.
     *
     * @return empty if nothing is scheduled
     */
    public synchronized Optional<Duration> untilNext() {
        return tasks.stream().map(Task::due).min(Comparator.naturalOrder()).map(due -> Duration.between(now, due));
    }

    /**
     * Returns how many tasks wait.
     *
     * @return zero or more
     */
    public synchronized int pending() {
        return tasks.size();
    }

    private synchronized void remove(Task task) {
        tasks.remove(task);
    }

    private synchronized Optional<Task> takeDue(Instant target) {
        Optional<Task> first = tasks.stream()
                .filter(task -> !task.due().isAfter(target))
                .min(Comparator.comparing(Task::due).thenComparing(Task::number));
        first.ifPresent(task -> {
            tasks.remove(task);
            if (task.due().isAfter(now)) {
                now = task.due();
            }
        });
        return first;
    }
}
