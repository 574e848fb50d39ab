package org.autotls.rig;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another process does: nothing tells us, so it is asked again and again. */
final class Await {

    /**
     * For what must happen, whenever: ends a test that hangs, and measures nothing. So it is far above what any of this
     * takes on a machine that has other work, and above a second try of ours, which comes after 30 to 90 seconds when the
     * first one met a bad moment. What promises a time has a limit of its own.
     */
    static final Duration HANG_LIMIT = Duration.ofMinutes(3);

    private static final long PAUSE_MILLIS = 50;

    private Await() {}

    /** Returns as soon as {@code condition} holds; fails with {@code otherwise} when {@code limit} is over. */
    static void until(Duration limit, BooleanSupplier condition, Supplier<String> otherwise) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + limit.toSeconds() + " s: " + otherwise.get());
            }
            pause();
        }
    }

    private static void pause() {
        try {
            boolean never = new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            if (never) {
                throw new IllegalStateException("nobody counts down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
