package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.autotls.internal.StateKeys;
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
 * <p>One timer drives it. Each tick compares the store with what is known, does the check if it is due, and queues what the
 * wall clock says is due, so a clock that jumps, or a machine that slept, is caught up with at the next tick, once.
 *
 * <p><b>Threads.</b> Safe for many threads. At most one issuance per subject in this process, and one in the cluster while
 * its lease holds. Only {@link #stop} blocks, for at most 5 s.
 */
public final class IssuingService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

    private enum Phase {
        NEW,
        STARTED,
        STOPPED
    }

    private final ServiceOptions options;
    private final List<ExecutorService> owned;
    private final Plan plan;
    private final Attempts attempts;
    private final Renewal.Tools tools;
    private final StoreWatch watch;
    private final CallbackLane listeners;
    private final CallbackLane alarms;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.NEW);
    private final CompletableFuture<Void> certsValid = new CompletableFuture<>();
    private final Set<Subject> awaited = ConcurrentHashMap.newKeySet();
    private final AtomicInteger dispatches = new AtomicInteger();

    // Written by ticks, which never overlap.
    private Instant nextCheck = Instant.MIN;
    private Instant lastTick = Instant.MIN;
    private Instant pollAt = Instant.MIN;
    private int failedPolls;
    private boolean firstCheckDone;

    // The timer; guarded by timerLock.
    private final Object timerLock = new Object();
    private Scheduler.@Nullable Cancellable timer;
    private Instant armedFor = Instant.MAX;
    private Instant nextTick = Instant.MIN;
    private boolean storeDown;
    private boolean ticking;

    IssuingService(ServiceOptions options, List<ExecutorService> owned) {
        this.options = options;
        this.owned = List.copyOf(owned);
        this.plan = new Plan(options.policy(), options.maxInFlight());
        this.attempts = new Attempts(options.state(), options.random());
        this.watch = new StoreWatch(options.store(), new Watcher());
        this.listeners = new CallbackLane(options.callbackExecutor(), options.scheduler());
        this.alarms = new CallbackLane(options.callbackExecutor(), options.scheduler());
        String owner = LeaseOwner.ofThisProcess(options.random());
        Leases leases = new Leases(options.state(), owner, LeaseOwner::isGone);
        this.tools = new Renewal.Tools(options, leases, attempts, this::served);
    }

    /**
     * Begins with what has no default.
     *
     * @param store the certificates to look after
     * @param state where tries, orders in flight and leases are remembered; usually beside the store
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
            dispatch();
        }
        return flight.result.minimalCompletionStage();
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
        return listeners.failures() + listeners.dropped() + alarms.failures() + alarms.dropped();
    }

    /**
     * Stops: nothing new begins, what is in flight is abandoned and its callers fail with kind {@code STOPPED}; the next
     * start resumes it. May be repeated. Waits at most 5 s for threads that the service owns.
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
        for (Flight flight : plan.stop()) {
            Renewal renewal = flight.renewal;
            if (renewal != null) {
                quietly("abandon " + flight.subject, () -> renewal.abandon(stopped));
            }
            flight.result.completeExceptionally(stopped);
        }
        certsValid.completeExceptionally(stopped);
        listeners.close();
        alarms.close();
        end(owned);
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
                dispatch();
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
        pollAt = now.plus(StoreWatch.pause(options.storeInterval(), failedPolls));
    }

    private void check(Instant now) {
        if (!firstCheckDone) {
            markLeftovers(now);
        }
        Plan.Checked found = plan.check(now);
        LOG.info(
                "checked {} certificates: {} due", found.subjects(), found.due().size());
        if (!found.inTrouble().isEmpty()) {
            LOG.warn(
                    "{} certificates are missing or end soon, and the last try failed; for example {}",
                    found.inTrouble().size(),
                    found.inTrouble().get(0));
        }
        tell(
                "checked",
                listener -> listener.checked(found.subjects(), found.due().size()));
        if (!firstCheckDone) {
            firstCheckDone = true;
            awaited.addAll(found.panicking());
            completeCertsValid();
        }
    }

    /** A crash between saving and tidying leaves a journal that must not be mistaken for a new order's, or a record. */
    private void markLeftovers(Instant now) {
        Set<String> journals = Set.copyOf(options.state().keys("orders/"));
        for (Subject subject : plan.subjects()) {
            if (plan.attempts(subject).isUnfinished() || journals.contains(OrderJournal.key(subject))) {
                plan.untidy(subject, now);
            }
        }
    }

    private void completeCertsValid() {
        if (firstCheckDone && awaited.isEmpty()) {
            certsValid.complete(null);
        }
    }

    /** What the watch sees, on the tick's thread. */
    private final class Watcher implements StoreListener {

        @Override
        public void changed(StoredBundle entry) {
            AttemptRecord record = attempts.find(entry.subject());
            plan.changed(entry, record, options.scheduler().instant());
            tell("changed", listener -> listener.changed(entry));
        }

        @Override
        public void removed(Subject subject) {
            LOG.info("{} was removed from the store", subject);
            plan.removed(subject);
            awaited.remove(subject);
            completeCertsValid();
            tell("removed", listener -> listener.removed(subject));
            sweep(subject);
        }
    }

    /** The pending key of a subject that is no longer wanted must not stay behind. */
    private void sweep(Subject subject) {
        if (tools.leases().heldFor("issue/" + StateKeys.segment(subject)).isZero()) {
            quietly("remove the state of " + subject, () -> {
                attempts.forget(subject);
                options.state().delete(OrderJournal.key(subject));
            });
        }
    }

    // ---- Flights: dispatched while there is room, each on its own thread, landed by its outcome.

    /** Starts flights while there is room. A flight that ends inside its own start is picked up by the same loop. */
    private void dispatch() {
        if (dispatches.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            plan.next().ifPresent(flight -> {
                dispatches.incrementAndGet();
                fly(flight);
            });
            int done = seen;
            seen = dispatches.addAndGet(-done);
        } while (seen != 0);
    }

    private void fly(Flight flight) {
        Renewal renewal = new Renewal(
                tools, new Renewal.Job(flight.subject, () -> flight.forced, plan.unsaved(flight.subject), flight.seen));
        flight.renewal = renewal;
        if (phase.get() == Phase.STOPPED) {
            flight.result.completeExceptionally(stopped());
            return;
        }
        try {
            options.executor().execute(() -> renewal.run().thenAccept(outcome -> land(flight, outcome)));
        } catch (RejectedExecutionException e) {
            IssueException failure =
                    new IssueException(IssueException.Kind.SERVER, "the service's executor refuses work", e);
            AttemptRecord record = attempts.failed(
                    plan.attempts(flight.subject), failure, options.scheduler().instant());
            land(flight, new Outcome.Failed(failure, record, null));
        }
    }

    private void land(Flight flight, Outcome outcome) {
        if (phase.get() == Phase.STOPPED) {
            return; // stop() has ended the flight
        }
        Instant now = options.scheduler().instant();
        plan.leave(flight);
        try {
            land(flight, outcome, now);
        } catch (RuntimeException | Error e) {
            LOG.error("the end of an issuance for {} could not be handled", flight.subject, e);
            flight.result.completeExceptionally(e);
        } finally {
            awaited.remove(flight.subject);
            completeCertsValid();
            dispatch();
            arm();
        }
    }

    private void land(Flight flight, Outcome outcome, Instant now) {
        if (outcome instanceof Outcome.Saved saved) {
            plan.keepUnsaved(flight.subject, null);
            plan.land(flight, true, saved.attempts(), now);
            CertificateBundle bundle = saved.entry().bundle().orElseThrow();
            tell("saved", listener -> listener.saved(flight.subject, bundle));
            flight.result.complete(bundle);
        } else if (outcome instanceof Outcome.Kept kept) {
            keep(flight, kept, now);
        } else if (outcome instanceof Outcome.Deferred deferred) {
            again(flight, plan.land(flight, false, deferred.attempts(), now));
        } else if (outcome instanceof Outcome.Held held) {
            hold(flight, held, now);
        } else if (outcome instanceof Outcome.Failed failed) {
            fail(flight, failed, now);
        } else {
            plan.keepUnsaved(flight.subject, null);
            plan.removed(flight.subject);
            plan.land(flight, true, AttemptRecord.NONE, now);
            flight.result.completeExceptionally(new IssueException(
                    IssueException.Kind.CONFIGURATION, flight.subject + " is no longer in the store"));
        }
    }

    private void keep(Flight flight, Outcome.Kept kept, Instant now) {
        plan.keepUnsaved(flight.subject, null);
        served(kept.entry());
        boolean landed = plan.land(flight, kept.forced(), AttemptRecord.NONE, now);
        again(flight, landed);
        if (landed) {
            kept.entry()
                    .bundle()
                    .ifPresentOrElse(
                            flight.result::complete,
                            () -> flight.result.completeExceptionally(new IssueException(
                                    IssueException.Kind.CONFIGURATION, "this machine's clock is behind: " + now)));
        }
    }

    private void hold(Flight flight, Outcome.Held held, Instant now) {
        Duration wait = held.remaining()
                .plusMillis(500 + (long) (1000 * options.random().nextDouble()));
        if (plan.landHeld(flight, wait, now)) {
            return;
        }
        if (flight.seen == null) {
            flight.seen = held.seen();
        }
        if (Duration.between(flight.since, now).compareTo(options.attemptTimeout()) < 0) {
            options.scheduler().schedule(wait, () -> again(flight, false));
        } else {
            plan.land(flight, true, plan.attempts(flight.subject), now);
            flight.result.completeExceptionally(new IssueException(
                    IssueException.Kind.SERVER,
                    "another process has been issuing for " + flight.subject + " for " + options.attemptTimeout()));
        }
    }

    private void again(Flight flight, boolean landed) {
        if (!landed) {
            plan.requeue(flight);
            dispatch();
        }
    }

    private void fail(Flight flight, Outcome.Failed failed, Instant now) {
        RuntimeException failure = failed.failure();
        plan.keepUnsaved(flight.subject, failed.unsaved());
        boolean panicking = plan.isPanicking(flight.subject, now);
        plan.land(flight, true, failed.attempts(), now);
        LOG.warn(
                "could not {} for {}: {}; next try at {}",
                failed.unsaved() == null ? "issue a certificate" : "save the new certificate",
                flight.subject,
                Text.escape(String.valueOf(failure.getMessage()), 1000),
                failed.attempts().nextAttempt());
        LOG.debug("because of", failure);
        if (panicking) {
            alarms.submit(
                    "the panic callback for " + flight.subject,
                    () -> options.panic().panic(failure, flight.subject));
        }
        Instant next = failed.attempts().nextAttempt();
        tell("failed", listener -> listener.failed(flight.subject, failure, next));
        flight.result.completeExceptionally(failure);
    }

    /** This is what the store holds, as a renewal has read or written it. */
    private void served(StoredBundle entry) {
        watch.seen(entry.subject(), entry.revision());
        plan.changed(entry, plan.attempts(entry.subject()), options.scheduler().instant());
        tell("changed", listener -> listener.changed(entry));
    }

    private void tell(String what, Consumer<ServiceListener> call) {
        options.listeners().forEach(listener -> listeners.submit("listener." + what, () -> call.accept(listener)));
    }

    private static IssueException stopped() {
        return new IssueException(IssueException.Kind.STOPPED, "the issuing service was stopped");
    }

    private static void end(List<ExecutorService> pools) {
        pools.forEach(ExecutorService::shutdown);
        try {
            for (ExecutorService pool : pools) {
                if (!pool.awaitTermination(1500, TimeUnit.MILLISECONDS)) {
                    pool.shutdownNow();
                    pool.awaitTermination(500, TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            pools.forEach(ExecutorService::shutdownNow);
            Thread.currentThread().interrupt();
        }
    }

    private static void quietly(String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("could not {}; the next run makes up for it", what, e);
        }
    }
}
