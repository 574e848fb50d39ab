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

    /** What a started watch polls by. */
    private record Loop(Scheduler scheduler, Executor executor, Duration interval) {}

    private volatile boolean closed;

    // The timer; guarded by timerLock.
    private final Object timerLock = new Object();
    private @Nullable Loop loop;
    private Scheduler.@Nullable Cancellable next;
    private int turn; // of the tick that is armed; one that was overtaken does nothing
    private boolean polling;
    private boolean asked; // somebody waits for a poll that begins after now
    private int failures; // in a row
    private Instant ended = Instant.MIN;
    private Duration rest = Duration.ZERO; // after which the next poll may begin

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
        Set<Subject> met = met();
        load(met.stream().filter(subject -> !listed.containsKey(subject)).toList());
        for (Subject subject : met) {
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
        synchronized (timerLock) {
            loop = new Loop(scheduler, executor, interval);
            arm(loop, interval);
        }
    }

    /**
     * Has a started watch poll before its interval is over: at once, or when the last poll is as long ago as ten polls take.
     * One poll sees all that changed before it began, so many calls make few polls; while polls fail, they make none. Any
     * thread may call it, and hears what the executor throws.
     */
    void soon() {
        Loop by;
        int mine;
        synchronized (timerLock) {
            by = loop;
            if (closed || by == null || asked) {
                return;
            }
            asked = true;
            if (polling || failures > 0) {
                return; // the next poll begins after now
            }
            Duration left = rest.minus(Duration.between(ended, by.scheduler().instant()));
            if (left.compareTo(by.interval()) >= 0) {
                return; // the next poll is as near
            }
            cancelNext();
            if (!left.isNegative() && !left.isZero()) {
                arm(by, left);
                return;
            }
            mine = ++turn;
        }
        by.executor().execute(() -> tick(by, mine));
    }

    /**
     * Takes over one entry that this process says it has changed, without listing the store. What is stored by now counts,
     * not what the caller saw. Called as {@link #poll} is.
     */
    void look(Subject subject, Revision revision) {
        if (!revision.equals(known.get(subject)) && !Alternates.isOrphan(subject, known)) {
            take(read(subject));
        }
    }

    /** As above, where nobody says what is stored now: it is read, and taken over if it is not known yet. */
    void look(Subject subject) {
        if (!Alternates.isOrphan(subject, known)) {
            Read now = read(subject);
            if (now.entry() == null || !now.entry().revision().equals(known.get(subject))) {
                take(now);
            }
        }
    }

    /** Stops polling; the listener is told at most what a poll under way still finds. */
    @Override
    public void close() {
        closed = true;
        synchronized (timerLock) {
            cancelNext();
        }
    }

    /** Remembers what this process has just saved, so that it is not loaded again. */
    void seen(Subject subject, Revision revision) {
        known.put(subject, revision);
        unreadable.remove(subject);
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

    /** Guarded by timerLock. */
    private void arm(Loop by, Duration delay) {
        if (!closed) {
            int mine = ++turn;
            next = by.scheduler().schedule(delay, () -> by.executor().execute(() -> tick(by, mine)));
        }
    }

    /** Guarded by timerLock. */
    private void cancelNext() {
        if (next != null) {
            next.cancel();
        }
    }

    private void tick(Loop by, int mine) {
        int failed;
        synchronized (timerLock) {
            if (closed || mine != turn) {
                return;
            }
            polling = true;
            asked = false;
            failed = failures;
        }
        Instant begun = by.scheduler().instant();
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
        Instant now = by.scheduler().instant();
        Duration took = Duration.between(begun, now);
        synchronized (timerLock) {
            polling = false;
            failures = failed;
            ended = now;
            rest = atMostATenth(Duration.ZERO, took);
            arm(by, asked && failed == 0 ? rest : pause(atMostATenth(by.interval(), took), failed));
        }
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
            tellUnreadable(subject, read.failure());
        } else if (read.entry() == null) {
            forget(subject);
        } else if (isTaken(read.entry())) {
            unreadable.remove(subject);
            known.put(subject, read.entry().revision());
        }
    }

    private void tellUnreadable(Subject subject, RuntimeException failure) {
        try {
            listener.unreadable(subject, failure);
        } catch (RuntimeException e) {
            LOG.debug("that the entry for {} cannot be read is told again at the next poll", subject, e);
        }
    }

    /** What the listener may know of. */
    private Set<Subject> met() {
        Set<Subject> all = new HashSet<>(known.keySet());
        synchronized (unreadable) {
            all.addAll(unreadable);
        }
        return all;
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
        boolean wasUnreadable = unreadable.remove(subject);
        if (known.remove(subject) != null || wasUnreadable) {
            listener.removed(subject);
        }
    }
}
