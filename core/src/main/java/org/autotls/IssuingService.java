package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.autotls.internal.OwnPools;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the certificates of a store issued and renewed.
 *
 * <p>It watches the store; {@link RenewalPolicy} decides which subjects are due; each gets a {@code Renewal}: lease, plan,
 * issue, save, serve. What fails is repeated by a schedule that survives restarts; what fails while a certificate is in
 * danger raises the panic callback. Nothing that a store, an issuer or a callback does ends the service.
 *
 * <p>Apart from that, {@code RenewalInquiries} asks the issuers when they want certificates renewed; what they say moves a
 * renewal, and if they say nothing, nothing waits for them.
 *
 * <p>One timer drives it. Each tick compares the store with what is known, does the check if it is due, and queues what the
 * wall clock says is due, so a clock that jumps, or a machine that slept, is caught up with at the next tick, once.
 *
 * <p><b>Threads.</b> Safe for many threads. At most one issuance per subject in this process, and one in the cluster while
 * its lease holds. Only {@link #stop} blocks, for at most 2 s.
 */
public final class IssuingService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);

    /** Before what still runs at the end is interrupted, and after that. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Duration AFTER_INTERRUPT = Duration.ofMillis(300);
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

    /** Of an entry that could not be read: no store's. */
    private static final Revision UNREAD = new Revision("unread");

    private enum Phase {
        NEW,
        STARTED,
        STOPPED
    }

    private final ServiceOptions options;
    private final OwnPools owned;
    private final Plan plan;
    private final Attempts attempts;
    private final Leftovers leftovers;
    private final StoreWatch watch;
    private final Alternates alternates;
    private final Callbacks callbacks;
    private final Flights flights;
    private final RenewalInquiries inquiries;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.NEW);
    private final CompletableFuture<Void> certsValid = new CompletableFuture<>();
    private final Set<Subject> awaited = ConcurrentHashMap.newKeySet();

    // Written by ticks, which never overlap.
    private Instant nextCheck = Instant.MIN;
    private Instant lastTick = Instant.MIN;
    private Instant pollAt = Instant.MIN;
    private int failedPolls;
    private final Set<Subject> gone = new HashSet<>(); // removed from the store, and not yet forgotten
    private volatile boolean firstCheckDone; // read by flights that land, too

    // The timer; guarded by timerLock.
    private final Object timerLock = new Object();
    private Scheduler.@Nullable Cancellable timer;
    private Instant armedFor = Instant.MAX;
    private Instant nextTick = Instant.MIN;
    private boolean storeDown;
    private boolean ticking;

    IssuingService(ServiceOptions options, OwnPools owned) {
        this.options = options;
        this.owned = owned;
        this.plan = new Plan(options.policy(), options.maxInFlight());
        this.attempts = new Attempts(options.state(), options.random());
        this.watch = new StoreWatch(options.store(), new Watcher());
        this.alternates =
                new Alternates(options.store(), options.keys().alternate().map(KeyType::keyAlgorithm));
        this.callbacks = new Callbacks(options);
        String owner = LeaseOwner.ofThisProcess(options.random());
        Leases leases = new Leases(options.state(), owner, LeaseOwner::isGone);
        this.inquiries = new RenewalInquiries(options, callbacks, this::said);
        this.leftovers = new Leftovers(options, leases, attempts, inquiries.records());
        Remembered remembered = new Remembered(leases, attempts, inquiries.records(), leftovers);
        this.flights = new Flights(options, plan, watch, callbacks, remembered, inquiries, this::landed);
    }

    /**
     * Begins with what has no default.
     *
     * @param store the certificates to look after
     * @param state where tries, orders in flight and leases are remembered; usually beside the store, and of this store
     *     alone: what it remembers of subjects that are not stored is swept at start
     * @param issuers called for each try, on the service's own threads; may throw, which is a failed try
     * @return a builder
     */
    public static IssuingServiceBuilder builder(CertificateStore store, StateStore state, Supplier<Issuer> issuers) {
        return new IssuingServiceBuilder(store, state, issuers);
    }

    /**
     * Starts: the store is checked now, on the service's own threads, and then at each check interval. Returns at once,
     * whatever the store and the CA do.
     *
     * @throws IllegalStateException if it was started or stopped before; a stopped service stays stopped
     */
    public void start() {
        if (!phase.compareAndSet(Phase.NEW, Phase.STARTED)) {
            throw new IllegalStateException(
                    phase.get() == Phase.STARTED
                            ? "this issuing service was started before"
                            : "this issuing service was stopped; make a new one");
        }
        inquiries.start();
        tickSoon();
    }

    /**
     * Issues now, whatever is stored, and replaces what is stored. Calls for a subject that is being issued, by request or
     * by schedule, wait for that issuance. May be called before {@link #start}, too, and for subjects that are not stored.
     *
     * @param subject what to certify
     * @return completes with the bundle when it is saved; fails with {@link IssueException}, whose kind says what to do
     *     next, or {@link StoreException}
     */
    public CompletionStage<CertificateBundle> issueCert(Subject subject) {
        Flight flight = plan.request(
                requireNonNull(subject, "subject"), options.scheduler().instant());
        if (phase.get() == Phase.STOPPED) {
            plan.stop();
            flight.result.completeExceptionally(stopped());
        } else {
            flights.dispatch();
        }
        return flight.result.minimalCompletionStage();
    }

    /**
     * Asks the issuers when they want the stored certificates renewed (RFC 9773), where it is time to ask: for a program
     * that renews now and then, and never {@linkplain #start starts} the service, which asks by itself. What they say is
     * found by {@link SubjectStatus#readAll}. Four are asked a second.
     *
     * @return completes when all were asked, whatever they said; fails with {@link StoreException} if the store cannot be
     *     read, and with an {@link IssueException} of kind {@code STOPPED} if the service is stopped before
     */
    public CompletionStage<Void> askWhenToRenew() {
        return phase.get() == Phase.STOPPED ? CompletableFuture.failedStage(stopped()) : inquiries.askOnce();
    }

    /**
     * Undoes now what orders have left answerable and could not undo themselves: a TXT value, say. For programs that issue
     * once and end; a started service does it by itself, and goes on until it works.
     *
     * @return completes, never with a failure, when each that is due was tried once; failures are logged
     */
    public CompletionStage<Void> undoLeftovers() {
        return CompletableFuture.completedFuture(null)
                .thenComposeAsync(none -> leftovers.sweepNow(options.scheduler().instant()), options.executor())
                .exceptionally(failure -> {
                    LOG.warn("what orders left could not be undone; it is tried again by the next run", failure);
                    return null;
                });
    }

    /**
     * Returns when every certificate that was inside the panic interval at start-up has been tried once, whether or not
     * that worked. With nothing in danger, that is when the first check is done. A try that a former failure still forbids
     * counts as done, and so does one that another process is making.
     *
     * @return fails with an {@link IssueException} of kind {@code STOPPED} if the service is stopped before
     */
    public CompletionStage<Void> whenCertsValid() {
        return certsValid.minimalCompletionStage();
    }

    /**
     * Returns how each subject stands, from memory.
     *
     * @return one per subject that was seen, sorted; empty before the first check
     */
    public List<SubjectStatus> status() {
        return List.copyOf(plan.status(options.scheduler().instant()));
    }

    /**
     * Returns how many calls of listeners and of the panic callback threw, hung, or were dropped because others hung.
     *
     * @return since the service was made
     */
    public long callbackFailures() {
        return callbacks.failures();
    }

    /**
     * Stops: nothing new begins, what is in flight is abandoned and its callers fail with kind {@code STOPPED}; the next
     * start resumes it. May be repeated. Waits at most 2 s for threads that the service owns.
     */
    public void stop() {
        if (phase.getAndSet(Phase.STOPPED) == Phase.STOPPED) {
            return;
        }
        synchronized (timerLock) {
            if (timer != null) {
                timer.cancel();
            }
        }
        IssueException stopped = stopped();
        inquiries.stop(stopped);
        flights.stop(stopped);
        certsValid.completeExceptionally(stopped);
        callbacks.close();
        owned.end(PATIENCE, AFTER_INTERRUPT);
    }

    /** Raises the alarm for what others see, in the same way as for a reissue that failed. */
    void panic(Throwable failure, Subject subject) {
        callbacks.panic(failure, subject);
    }

    /** Does what {@link #stop} does. */
    @Override
    public void close() {
        stop();
    }

    // ---- The loop: a tick polls, checks, queues what is due, dispatches and arms the timer for the next one.

    private void tickSoon() {
        synchronized (timerLock) {
            timer = null;
            armedFor = Instant.MAX;
            if (ticking || phase.get() != Phase.STARTED) {
                return;
            }
            ticking = true;
        }
        try {
            options.executor().execute(this::tick);
        } catch (RejectedExecutionException e) {
            LOG.error("the service cannot work: its executor refuses work; it tries again", e);
            endTick(options.scheduler().instant().plus(StoreWatch.pause(options.storeInterval(), 5)), true);
        }
    }

    private void tick() {
        Instant now = options.scheduler().instant();
        try {
            boolean wentBack = now.isBefore(lastTick);
            boolean checks = wentBack || !now.isBefore(nextCheck);
            if (checks || !now.isBefore(pollAt)) {
                poll(now);
            }
            if (failedPolls == 0) {
                if (checks) {
                    check(now);
                    nextCheck = now.plus(options.checkInterval());
                }
                plan.wake(now);
                awaited.removeIf(subject -> !plan.isDue(subject, now));
                completeCertsValid();
                flights.dispatch();
                gone.removeIf(leftovers::forget);
                leftovers.sweep(now);
            }
        } catch (RuntimeException | Error e) { // a StackOverflowError, say: the loop must live
            failedPolls++;
            pollAt = now.plus(StoreWatch.pause(options.storeInterval(), failedPolls));
            LOG.error("a check of the certificates failed; it is tried again", e);
        } finally {
            lastTick = now.minus(CLOCK_TOLERANCE);
            endTick(failedPolls == 0 && nextCheck.isBefore(pollAt) ? nextCheck : pollAt, failedPolls > 0);
        }
    }

    private void endTick(Instant next, boolean down) {
        synchronized (timerLock) {
            nextTick = next;
            storeDown = down;
            ticking = false;
        }
        arm();
    }

    private void arm() {
        synchronized (timerLock) {
            Instant at = plan.nextWake()
                    .filter(wake -> !storeDown && wake.isBefore(nextTick))
                    .orElse(nextTick);
            if (ticking || phase.get() != Phase.STARTED || (timer != null && !at.isBefore(armedFor))) {
                return;
            }
            if (timer != null) {
                timer.cancel();
            }
            armedFor = at;
            timer = options.scheduler()
                    .schedule(Duration.between(options.scheduler().instant(), at), this::tickSoon);
        }
    }

    /** Compares the store with what is known. */
    private void poll(Instant now) {
        try {
            watch.poll();
            alternates.request(plan::isStored);
            if (failedPolls > 0) {
                LOG.info("the certificate store can be read again");
            }
            failedPolls = 0;
        } catch (RuntimeException e) {
            if (failedPolls % 60 == 0) { // at first, and then about hourly
                LOG.warn("the certificate store cannot be read; it is tried again, and what is in memory is served", e);
            }
            failedPolls++;
        }
        Duration took = Duration.between(now, options.scheduler().instant());
        pollAt = now.plus(StoreWatch.pause(StoreWatch.atMostATenth(options.storeInterval(), took), failedPolls));
    }

    private void check(Instant now) {
        if (!firstCheckDone) {
            markLeftovers(now);
        }
        Plan.Checked found = plan.check(now);
        LOG.info(
                "checked {}: {} due",
                found.subjects() == 1 ? "1 certificate" : found.subjects() + " certificates",
                found.due().size());
        if (!found.inTrouble().isEmpty()) {
            Subject first = found.inTrouble().get(0);
            AttemptRecord last = plan.attempts(first);
            LOG.warn(
                    "{} certificates are missing or end soon, and the last try failed; for example {}: {}; next try at {}",
                    found.inTrouble().size(),
                    first,
                    last.message(),
                    last.nextAttempt());
        }
        callbacks.tell(
                "checked",
                listener -> listener.checked(found.subjects(), found.due().size()));
        if (!firstCheckDone) {
            awaited.addAll(found.panicking());
            firstCheckDone = true;
            leftovers.forgetStrangers();
        }
    }

    /** A crash between saving and tidying leaves a journal that must not be mistaken for a new order's, or a record. */
    private void markLeftovers(Instant now) {
        Set<String> journals = Set.copyOf(options.state().keys(OrderJournal.PREFIX));
        for (Subject subject : plan.subjects()) {
            if (plan.attempts(subject).isUnfinished() || journals.contains(OrderJournal.key(subject))) {
                plan.untidy(subject, now);
            }
        }
    }

    private void landed(Subject subject) {
        awaited.remove(subject);
        completeCertsValid();
        arm();
    }

    private void said(Subject subject, RenewalRecord renewal) {
        plan.said(subject, renewal, options.scheduler().instant());
        arm();
    }

    private void completeCertsValid() {
        if (firstCheckDone && awaited.isEmpty()) {
            certsValid.complete(null);
        }
    }

    /** What the watch sees, on the tick's thread. */
    private final class Watcher implements StoreListener {

        private final Unreadable unreadable = new Unreadable(attempts);

        @Override
        public void changed(StoredBundle entry) {
            gone.remove(entry.subject());
            unreadable.ended(entry.subject());
            AttemptRecord record = attempts.find(entry.subject());
            RenewalRecord renewal = inquiries.changed(entry);
            plan.changed(entry, record, renewal, options.scheduler().instant());
            alternates.seen(entry.subject());
            callbacks.tell("changed", listener -> listener.changed(entry));
        }

        /**
         * One that was never read counts as missing: it is in the status, and each try to renew it fails, since that begins by
         * reading the entry, with the alarm that this is. Nothing is ordered: what cannot be read cannot be compared before it is
         * replaced, and may be a good certificate that a person only has to make readable.
         */
        @Override
        public void unreadable(Subject subject, RuntimeException failure) {
            Instant now = options.scheduler().instant();
            if (!plan.isStored(subject) && unreadable.lasts(subject, failure, now)) {
                AttemptRecord record = unreadable.began(subject);
                plan.changed(StoredBundle.requested(subject, UNREAD), record, RenewalRecord.NONE, now);
            }
        }

        @Override
        public void removed(Subject subject) {
            unreadable.forget(subject);
            LOG.info("{} was removed from the store", subject);
            plan.removed(subject);
            inquiries.removed(subject);
            alternates.gone(subject);
            awaited.remove(subject);
            completeCertsValid();
            callbacks.tell("removed", listener -> listener.removed(subject));
            gone.add(subject); // its journal may hold a pending key, and what must be undone
        }
    }

    private static IssueException stopped() {
        return new IssueException(IssueException.Kind.STOPPED, "the issuing service was stopped");
    }
}
