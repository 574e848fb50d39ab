package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for what other threads do without telling anybody. Where they tell, that is the better thing to wait for.
 *
 * <p>Between two looks the core is left to those who are waited for. The minute after which waiting fails is there so
 * that a test that hangs ends; it is no bound that anything keeps.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Await {

    private static final Duration HANGS = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(2);

    private Await() {}

    /**
     * Waits until something is so.
     *
     * @param condition asked again and again, on the calling thread
     * @throws AssertionError if it is not so after a minute, or the thread is interrupted
     */
    public static void until(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begun).as("nanoseconds waited").isLessThan(HANGS.toNanos());
            LockSupport.parkNanos(PAUSE.toNanos());
            assertThat(Thread.currentThread().isInterrupted())
                    .as("interrupted while waiting")
                    .isFalse();
        }
    }

    /**
     * Waits until all threads of a name have ended.
     *
     * @param name of threads of this process
     * @throws InterruptedException if the calling thread is interrupted
     * @throws AssertionError if one of them lives after a minute
     */
    public static void threadsEnded(String name) throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                thread.join(TimeUnit.MINUTES.toMillis(HANGS.toMinutes()));
                assertThat(thread.isAlive()).as(name + " is alive").isFalse();
            }
        }
    }
}
