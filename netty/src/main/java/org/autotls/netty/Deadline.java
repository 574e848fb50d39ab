package org.autotls.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A time limit that can be passed on, as much of it as is left. Only the event loop enters it. */
final class Deadline {

    private @Nullable ScheduledFuture<?> timer;

    /** Does nothing if it runs already, or if there is no limit (0 ms). */
    void start(EventExecutor loop, long millis, Runnable expire) {
        if (timer == null && millis > 0) {
            timer = loop.schedule(expire, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Returns how many milliseconds are left, at least one; 0 if there was no limit. */
    long stop() {
        if (timer == null) {
            return 0;
        }
        timer.cancel(false);
        return Math.max(1, timer.getDelay(TimeUnit.MILLISECONDS));
    }
}
