package org.autotls;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs users' callbacks one after another where they cannot hurt. What a callback throws is counted and logged. One that
 * takes too long is interrupted and left behind, and the next one runs on another thread; when too many are left behind at
 * once, the lane waits until one comes back, and what does not fit into the queue is dropped, counted and logged.
 *
 * <p><b>Threads.</b> Safe for many threads; {@link #submit} never blocks.
 */
final class CallbackLane {

    private static final Logger LOG = LoggerFactory.getLogger(CallbackLane.class);
    static final Duration TIMEOUT = Duration.ofSeconds(30);
    static final int MAX_QUEUE = 1 << 17;
    static final int MAX_LEFT_BEHIND = 4;

    private record Call(long number, String what, Runnable body) {}

    /** One thread's turn at the lane. Guarded by the lane. */
    private static final class Turn {
        @Nullable
        Thread runner;

        @Nullable
        Call call;

        boolean leftBehind;
    }

    private final Executor executor;
    private final Scheduler scheduler;
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    // All guarded by this.
    private final Deque<Call> queue = new ArrayDeque<>();
    private @Nullable Turn current;
    private long submitted;
    private int leftBehind;
    private boolean closed;

    CallbackLane(Executor executor, Scheduler scheduler) {
        this.executor = executor;
        this.scheduler = scheduler;
    }

    /** Queues a callback; {@code what} names it in the log. */
    void submit(String what, Runnable body) {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (queue.size() >= MAX_QUEUE) {
                if (dropped.getAndIncrement() % 1000 == 0) {
                    LOG.error("{} was not called: callbacks hang, {} were dropped so far", what, dropped.get());
                }
                return;
            }
            queue.add(new Call(submitted++, what, body));
        }
        startTurn();
    }

    /** Returns how many callbacks threw or were left behind. */
    long failures() {
        return failures.get();
    }

    long dropped() {
        return dropped.get();
    }

    /** Forgets what is queued and takes no more. */
    synchronized void close() {
        closed = true;
        queue.clear();
        if (current != null && current.call != null && current.runner != null) {
            current.runner.interrupt();
        }
    }

    private void startTurn() {
        Turn turn = new Turn();
        synchronized (this) {
            if (current != null || queue.isEmpty() || leftBehind >= MAX_LEFT_BEHIND) {
                return;
            }
            current = turn;
        }
        try {
            executor.execute(() -> run(turn));
        } catch (RejectedExecutionException e) {
            LOG.error("callbacks cannot run: their executor refuses work", e);
            synchronized (this) {
                current = null;
            }
        }
    }

    private void run(Turn turn) {
        for (Call call = take(turn); call != null; call = take(turn)) {
            Scheduler.Cancellable timer = scheduler.schedule(TIMEOUT, watchdog(turn, call));
            try {
                call.body().run();
            } catch (Throwable e) { // an Error of a callback must not end the service either
                failures.incrementAndGet();
                LOG.error("{} failed; the service goes on", call.what(), e);
            } finally {
                timer.cancel();
            }
        }
        startTurn();
    }

    private synchronized @Nullable Call take(Turn turn) {
        turn.call = null;
        Thread.interrupted(); // a late interrupt was meant for the call that has just ended
        if (turn.leftBehind) {
            leftBehind--;
            return null;
        }
        Call call = queue.poll();
        if (call == null) {
            current = null;
        } else {
            turn.call = call;
            turn.runner = Thread.currentThread();
        }
        return call;
    }

    private Runnable watchdog(Turn turn, Call call) {
        return () -> {
            synchronized (this) {
                if (turn != current
                        || turn.call == null
                        || turn.call.number() != call.number()
                        || turn.runner == null) {
                    return;
                }
                failures.incrementAndGet();
                LOG.error(
                        "{} takes longer than {} s; it is interrupted and left behind",
                        call.what(),
                        TIMEOUT.toSeconds());
                turn.runner.interrupt();
                turn.leftBehind = true;
                leftBehind++;
                current = null;
            }
            startTurn();
        };
    }
}
