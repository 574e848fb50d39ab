package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices what changes in a {@link CertificateStore}, whichever process changed it, by comparing revisions. Changed entries
 * are loaded and handed to a listener; an entry that cannot be read, or that the listener cannot take, is reported once, hurts
 * nobody else, and is tried again at the next poll. An alternate whose primary is not stored counts as not stored.
 *
 * <p>{@link IssuingService} polls one itself. A server that only reads a store (the {@code txsni:} endpoint) polls once, so
 * that there is something to serve, and then {@linkplain #start starts} one.
 *
 * <p><b>Threads.</b> One thread at a time calls {@link #poll}, which tells the listener; {@link #close} may be called from any
 * thread. When many entries have changed, as at the start, they are read by the common pool's threads, too: the time that
 * this takes is that of checking keys and signatures.
 */
public final class StoreWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** So many changed entries are worth the start of other threads. */
    private static final int MANY = 64;

    /** As many are read before the listener is told of them. */
    private static final int AT_ONCE = 1024;

    /** What the store said: an entry, none, or a failure. */
    private record Read(
            Subject subject,
            @Nullable StoredBundle entry,
            @Nullable RuntimeException failure) {}

    private final CertificateStore store;
    private final StoreListener listener;
    private final Map<Subject, Revision> known = new ConcurrentHashMap<>();
    private final Set<Subject> unreadable = Collections.synchronizedSet(new HashSet<>());
    private final AtomicBoolean started = new AtomicBoolean();

    /** What the listener threw last in the poll under way. */
    private @Nullable RuntimeException refusal;

    // Both written by the timer's chain of tasks and by close().
    private volatile boolean closed;
    private volatile Scheduler.@Nullable Cancellable next;

    /**
     * Watches a store; nothing is read yet.
     *
     * @param store what to watch
     * @param listener told of each change, on the thread that polls; must not block for long
     */
    public StoreWatch(CertificateStore store, StoreListener listener) {
        this.store = requireNonNull(store, "store");
        this.listener = requireNonNull(listener, "listener");
    }

    /**
     * Compares the store with what was last seen and tells the listener the difference; the first call tells everything.
     *
     * @throws StoreException if the store cannot be listed
     * @throws RuntimeException what the listener threw, if it has taken nothing yet: it is in trouble, not the entries
     */
    public void poll() {
        refusal = null;
        Map<Subject, Revision> listed = store.list();
        load(subjects(
                listed,
                subject -> !requireNonNull(listed.get(subject)).equals(known.get(subject))
                        && !Alternates.isOrphan(subject, listed)));
        // Not simply "removed": it may have been saved after the listing.
        load(subjects(known, subject -> !listed.containsKey(subject)));
        for (Subject subject : known.keySet()) {
            if (Alternates.isOrphan(subject, listed) && !known.containsKey(subject.primary())) {
                forget(subject);
            }
        }
        if (refusal != null && known.isEmpty()) {
            throw refusal;
        }
    }

    /**
     * Polls from now on, until closed. A poll that fails is logged and repeated, less often while it goes on failing. With so
     * many entries that a poll takes long, polls are rarer, too: they take a tenth of the time at most.
     *
     * @param scheduler when
     * @param executor where; polling blocks on I/O
     * @param interval how long between two polls; more than zero
     * @throws IllegalStateException if it was started before
     */
    public void start(Scheduler scheduler, Executor executor, Duration interval) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("this watch was started before");
        }
        arm(scheduler, executor, interval, 0, Duration.ZERO);
    }

    /** Stops polling; the listener is told at most what a poll under way still finds. */
    @Override
    public void close() {
        closed = true;
        Scheduler.Cancellable task = next;
        if (task != null) {
            task.cancel();
        }
    }

    /** Remembers what this process has just saved, so that it is not loaded again. */
    void seen(Subject subject, Revision revision) {
        known.put(subject, revision);
    }

    /** Returns how long to wait after {@code failures} failed polls in a row. */
    static Duration pause(Duration interval, int failures) {
        if (failures == 0 || interval.compareTo(LONGEST_PAUSE) >= 0) {
            return interval;
        }
        Duration longer = interval.multipliedBy(1L << Math.min(failures, 10));
        return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }

    /** The interval, or ten times what a poll took. A clock that jumped is not believed. */
    static Duration atMostATenth(Duration interval, Duration took) {
        Duration rest = took.compareTo(LONGEST_PAUSE.dividedBy(10)) > 0 ? LONGEST_PAUSE : took.multipliedBy(10);
        return rest.compareTo(interval) > 0 ? rest : interval;
    }

    private void arm(Scheduler scheduler, Executor executor, Duration interval, int failures, Duration took) {
        next = scheduler.schedule(
                pause(atMostATenth(interval, took), failures),
                () -> executor.execute(() -> tick(scheduler, executor, interval, failures)));
        if (closed) {
            close();
        }
    }

    private void tick(Scheduler scheduler, Executor executor, Duration interval, int failures) {
        if (closed) {
            return;
        }
        int failed = failures;
        Instant begun = scheduler.instant();
        try {
            poll();
            if (failed > 0) {
                LOG.info("the certificate store can be read again");
            }
            failed = 0;
        } catch (RuntimeException | Error e) {
            if (failed == 0) {
                LOG.warn("the certificate store cannot be read; what was last read is still served", e);
            }
            failed++;
        }
        arm(scheduler, executor, interval, failed, Duration.between(begun, scheduler.instant()));
    }

    private static List<Subject> subjects(Map<Subject, Revision> all, Predicate<Subject> wanted) {
        return all.keySet().stream().filter(wanted).toList();
    }

    private void load(List<Subject> subjects) {
        for (int from = 0; from < subjects.size(); from += AT_ONCE) {
            List<Subject> some = subjects.subList(from, Math.min(from + AT_ONCE, subjects.size()));
            Stream<Subject> stream = some.size() < MANY ? some.stream() : some.parallelStream();
            stream.map(this::read).toList().forEach(this::take);
        }
    }

    private Read read(Subject subject) {
        try {
            return new Read(subject, store.find(subject).orElse(null), null);
        } catch (RuntimeException e) {
            return new Read(subject, null, e);
        }
    }

    private void take(Read read) {
        Subject subject = read.subject();
        if (read.failure() != null) {
            if (unreadable.add(subject)) {
                LOG.warn("the entry for {} cannot be read; what was last read stays in use", subject, read.failure());
            }
        } else if (read.entry() == null) {
            unreadable.remove(subject);
            forget(subject);
        } else if (isTaken(read.entry())) {
            unreadable.remove(subject);
            known.put(subject, read.entry().revision());
        }
    }

    private boolean isTaken(StoredBundle entry) {
        try {
            listener.changed(entry);
            return true;
        } catch (RuntimeException e) {
            refusal = e;
            if (!known.isEmpty() && unreadable.add(entry.subject())) {
                LOG.warn("the entry for {} cannot be taken over; what was before stays in use", entry.subject(), e);
            }
            return false;
        }
    }

    private void forget(Subject subject) {
        if (known.remove(subject) != null) {
            listener.removed(subject);
        }
    }
}
