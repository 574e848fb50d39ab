package org.autotls;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import org.autotls.store.DirectoryStore;
import org.autotls.tls.LiveIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a directory's {@code DEFAULT.pem} to clients that send no server name, and looks every so often whether it has
 * changed. One that cannot be used leaves the last good one in place.
 *
 * <p><b>Threads.</b> Looks on the executor, one look at a time.
 */
final class DefaultFollower {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTls.class);

    private final DirectoryStore store;
    private final LiveIndex index;
    private final Scheduler scheduler;
    private final ExecutorService executor;
    private final Duration interval;

    /** Why it could not be used when it was last looked at; each look happens after the one before. */
    private volatile String bad = "";

    DefaultFollower(
            DirectoryStore store, LiveIndex index, Scheduler scheduler, ExecutorService executor, Duration interval) {
        this.store = store;
        this.index = index;
        this.scheduler = scheduler;
        this.executor = executor;
        this.interval = interval;
    }

    /** Looks now, and from then on, until the executor is shut down. */
    void look() {
        try {
            store.findDefault().ifPresentOrElse(index::putFallback, index::removeFallback);
            bad = "";
        } catch (StoreException | IllegalArgumentException e) { // the second: it answers a challenge
            String message = String.valueOf(e.getMessage());
            if (!message.equals(bad)) { // it is looked at each second
                LOG.warn(
                        "DEFAULT.pem cannot be used; what was read before is still served: {}",
                        Text.escape(message, 500));
            }
            bad = message;
        }
        Scheduler.Cancellable next = scheduler.schedule(interval, () -> ServedStore.execute(executor, this::look));
        if (executor.isShutdown()) {
            next.cancel();
        }
    }
}
