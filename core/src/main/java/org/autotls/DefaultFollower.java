package org.autotls;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.autotls.tls.LiveIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a directory's {@code DEFAULT.pem} to clients that send no server name, and looks every so often whether it has
 * changed. Whatever a look ends with, the last good one stays in place and the next look comes.
 *
 * <p><b>Threads.</b> Looks on the executor, one look at a time; {@link #close} may be called from any thread.
 */
final class DefaultFollower implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTls.class);

    private final Supplier<Optional<CertificateBundle>> file;
    private final LiveIndex index;
    private final Scheduler scheduler;
    private final Executor executor;
    private final Duration interval;

    /** Why it could not be used when it was last looked at; each look happens after the one before. */
    private volatile String bad = "";

    // Both written by the timer's chain of looks and by close().
    private volatile boolean closed;
    private volatile Scheduler.@Nullable Cancellable next;

    /** {@code file} reads it, and is empty if there is none. */
    DefaultFollower(
            Supplier<Optional<CertificateBundle>> file,
            LiveIndex index,
            Scheduler scheduler,
            Executor executor,
            Duration interval) {
        this.file = file;
        this.index = index;
        this.scheduler = scheduler;
        this.executor = executor;
        this.interval = interval;
    }

    /** Looks now, and from then on, until closed. Called once. */
    void look() {
        if (closed) {
            return;
        }
        try {
            file.get().ifPresentOrElse(index::putFallback, index::removeFallback);
            bad = "";
        } catch (StoreException | IllegalArgumentException e) { // the second: it answers a challenge
            if (isNew(e)) {
                LOG.warn(
                        "DEFAULT.pem cannot be used; what was read before is still served: {}",
                        Text.escape(String.valueOf(e.getMessage()), 500));
            }
        } catch (RuntimeException | Error e) { // a StackOverflowError, say: nobody else would look again
            if (isNew(e)) {
                LOG.error("DEFAULT.pem could not be looked at; what was read before is still served", e);
            }
        }
        next = scheduler.schedule(interval, () -> ServedStore.execute(executor, this::look));
        if (closed) {
            close();
        }
    }

    /** Ends looking; what was read last is still served. */
    @Override
    public void close() {
        closed = true;
        Scheduler.Cancellable task = next;
        if (task != null) {
            task.cancel();
        }
    }

    /** It is looked at each second: what is the same each time is told once. */
    private boolean isNew(Throwable failure) {
        String before = bad;
        bad = String.valueOf(failure);
        return !bad.equals(before);
    }
}
