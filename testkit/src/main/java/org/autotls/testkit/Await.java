package org.autotls.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for what other threads and other programs do without telling anybody: it is asked again and again. Where they tell,
 * that is the better thing to wait for.
 *
 * <p>Between two looks the processor is left to those who are waited for.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Await {

    /**
     * For what must happen, whenever: ends a test that hangs, and measures nothing. So it is far above what anything takes on
     * a machine that has other work, and above a second try to issue, which comes after 30 to 90 seconds when the first one
     * met a bad moment. What promises a time has a limit of its own.
     */
    public static final Duration HANG_LIMIT = Duration.ofMinutes(3);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    private Await() {}

    /**
     * Waits until something is so.
     *
     * @param condition asked again and again, on the calling thread
     * @throws AssertionError if it is not so after {@link #HANG_LIMIT}, or the thread is interrupted
     */
    public static void until(BooleanSupplier condition) {
        until(HANG_LIMIT, condition, () -> "what the test waits for");
    }

    /**
     * Waits until something is so.
     *
     * @param limit how long
     * @param condition asked again and again, on the calling thread
     * @param otherwise said if it is not so then
     * @throws AssertionError if it is not so after {@code limit}, or the thread is interrupted
     */
    public static void until(Duration limit, BooleanSupplier condition, Supplier<String> otherwise) {
        long begun = System.nanoTime();
        long pause = FIRST_PAUSE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > limit.toNanos()) {
                throw new AssertionError("not within " + limit.toSeconds() + " s: " + otherwise.get());
            }
            LockSupport.parkNanos(pause);
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting");
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
        }
    }

    /**
     * Waits until all threads of a name have ended.
     *
     * @param name of threads of this process
     * @throws AssertionError if one of them lives after {@link #HANG_LIMIT}, or the calling thread is interrupted
     */
    public static void threadsEnded(String name) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                until(HANG_LIMIT, () -> !thread.isAlive(), () -> name + " is alive");
            }
        }
    }
}
