package org.autotls;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.autotls.store.DirectoryStore;
import org.autotls.tls.LiveIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of {@link AutoTlsAssembly} that serves what is stored, and goes on as the store changes.
 *
 * <p>The watch alone writes the index; the directory's and the service's events only make it look sooner. So an event that
 * is late never brings an old bundle back. What the service has changed, or the directory names, is looked at by itself.
 * Where no entry is named the store is listed, which takes long if it is large, and therefore a tenth of the time at most: ten
 * thousand certificates issued one after another make no ten thousand listings.
 *
 * <p><b>Threads.</b> Opened by one; after that the watch is used on the executor, which has one thread.
 */
final class ServedStore {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTls.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final IndexFeed feed;
    private final StoreWatch watch;
    private final Scheduler scheduler;
    private final Executor executor;

    /** {@code executor} has one thread. */
    ServedStore(CertificateStore store, IndexFeed feed, Scheduler scheduler, Executor executor) {
        this.feed = feed;
        this.watch = new StoreWatch(store, feed);
        this.scheduler = scheduler;
        this.executor = executor;
    }

    /** Serves what is stored now and looks again each second; adds to {@code parts} what is to be closed. */
    void open(List<AutoCloseable> parts) {
        try {
            watch.poll();
        } catch (StoreException e) {
            if (!e.isRetryable()) {
                throw e;
            }
            LOG.warn("the certificate store cannot be read yet; it is tried again each second", e);
        }
        feed.goLive();
        parts.add(watch);
        watch.start(scheduler, executor, POLL);
    }

    /** Hears of what changes in the directory that the store is. */
    AutoCloseable listen(DirectoryStore directory) {
        return directory.watch(subject -> execute(executor, () -> watch.look(subject)), this::listSoon);
    }

    /** Serves {@code DEFAULT.pem} to clients that send no server name, until closed. */
    AutoCloseable followDefault(DirectoryStore directory, LiveIndex index) {
        DefaultFollower follower = new DefaultFollower(directory::findDefault, index, scheduler, executor, POLL);
        follower.look();
        return follower;
    }

    /** Looks now, on the executor, and then runs {@code done}, whether or not that worked. */
    void look(Runnable done) {
        execute(executor, () -> {
            try {
                watch.poll();
            } finally {
                done.run();
            }
        });
    }

    /** What has the index look as soon as the service has seen a change, not only at its next turn. */
    ServiceListener hurry() {
        return new ServiceListener() {
            @Override
            public void changed(StoredBundle entry) {
                execute(executor, () -> watch.look(entry.subject(), entry.revision()));
            }

            @Override
            public void removed(Subject subject) {
                listSoon();
            }
        };
    }

    private void listSoon() {
        try {
            watch.soon();
        } catch (RejectedExecutionException e) {
            LOG.trace("stopped meanwhile", e);
        }
    }

    static void execute(Executor executor, Runnable work) {
        try {
            executor.execute(() -> {
                try {
                    work.run();
                } catch (StoreException e) {
                    LOG.debug("the store cannot be read now; the next look is within a second", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.trace("stopped meanwhile", e);
        }
    }
}
