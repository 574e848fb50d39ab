package org.autotls;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what a {@link Plan} has queued: flights are dispatched while there is room, each is one {@link Renewal} on the
 * executor, and lands by its outcome.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks on I/O itself.
 */
final class Flights {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);

    private final ServiceOptions options;
    private final Plan plan;
    private final StoreWatch watch;
    private final Callbacks callbacks;
    private final Attempts attempts;
    private final RenewalInquiries inquiries;
    private final Renewal.Tools tools;
    private final Consumer<Subject> landed;
    private final AtomicInteger dispatches = new AtomicInteger();
    private volatile @Nullable Issuer lastIssuer;
    private volatile boolean waitingTold;
    private volatile boolean namesTold;
    private volatile boolean stopped;

    // The timer for what waits for orders to be allowed; guarded by timerLock.
    private final Object timerLock = new Object();
    private Scheduler.@Nullable Cancellable timer;
    private Instant timerAt = Instant.MAX;

    /** {@code landed} is told last, whatever the outcome. */
    Flights(
            ServiceOptions options,
            Plan plan,
            StoreWatch watch,
            Callbacks callbacks,
            Remembered remembered,
            RenewalInquiries inquiries,
            Consumer<Subject> landed) {
        this.options = options;
        this.plan = plan;
        this.watch = watch;
        this.callbacks = callbacks;
        this.attempts = remembered.attempts();
        this.inquiries = inquiries;
        this.tools = new Renewal.Tools(options, remembered, this::served, issuer -> lastIssuer = issuer);
        this.landed = landed;
    }

    /** Ends all flights as failed, and starts no more. */
    void stop(IssueException reason) {
        stopped = true;
        synchronized (timerLock) {
            if (timer != null) {
                timer.cancel();
            }
        }
        for (Flight flight : plan.stop()) {
            Renewal renewal = flight.renewal;
            if (renewal != null) {
                try {
                    renewal.abandon(reason);
                } catch (RuntimeException | Error e) {
                    LOG.warn("could not give up the lease of {}; it ends by itself", flight.subject, e);
                }
            }
            flight.result.completeExceptionally(reason);
        }
    }

    /** Starts flights while there is room. A flight that ends inside its own start is picked up by the same loop. */
    void dispatch() {
        if (dispatches.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Instant now = options.scheduler().instant();
            plan.next(allowance(now), now).ifPresent(flight -> {
                dispatches.incrementAndGet();
                Optional<Instant> wait = flight.spends ? waitForNames(flight.subject, now) : Optional.empty();
                wait.ifPresentOrElse(until -> plan.park(flight, until), () -> fly(flight));
            });
            int done = seen;
            seen = dispatches.addAndGet(-done);
        } while (seen != 0);
        plan.opensAt().ifPresentOrElse(this::tellWaiting, () -> waitingTold = false);
        plan.unparksAt().ifPresentOrElse(this::tellNamesWaiting, () -> namesTold = false);
        Stream.of(plan.opensAt(), plan.unparksAt())
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .ifPresent(this::dispatchAt);
    }

    /** By the issuer of the last try: suppliers may be slow, or make a new one each time. */
    private OrderAllowance allowance(Instant now) {
        return allowance(issuer -> issuer.allowance(now));
    }

    /** Until when no order can be placed for this subject, though one could be for others. */
    private Optional<Instant> waitForNames(Subject subject, Instant now) {
        OrderAllowance own = allowance(issuer -> issuer.allowance(subject, now));
        return own.orders() == 0 && own.next().isAfter(now) && allowance(now).orders() > 0
                ? Optional.of(own.next())
                : Optional.empty();
    }

    private OrderAllowance allowance(Function<Issuer, OrderAllowance> ask) {
        try {
            Issuer issuer = lastIssuer;
            return issuer == null ? OrderAllowance.UNLIMITED : ask.apply(issuer);
        } catch (RuntimeException | Error e) {
            LOG.warn("the issuer could not say how many orders it may place; it is asked for all", e);
            return OrderAllowance.UNLIMITED;
        }
    }

    private void tellWaiting(Instant until) {
        if (!waitingTold) {
            waitingTold = true;
            LOG.info(
                    "{} certificates wait: the CA would refuse more orders before {}; the most urgent goes first",
                    plan.held(),
                    until);
        }
    }

    private void tellNamesWaiting(Instant until) {
        if (!namesTold) {
            namesTold = true;
            LOG.info(
                    "{} certificates wait: the CA would refuse more for their names or domains; the first goes on at {}",
                    plan.parked(),
                    until);
        }
    }

    /** Not left to the service's timer: flights that somebody asked for fly before the service is started, too. */
    private void dispatchAt(Instant instant) {
        synchronized (timerLock) {
            if (stopped || (timer != null && !instant.isBefore(timerAt))) {
                return;
            }
            if (timer != null) {
                timer.cancel();
            }
            timerAt = instant;
            timer = options.scheduler()
                    .schedule(Duration.between(options.scheduler().instant(), instant), this::dispatchOnTime);
        }
    }

    private void dispatchOnTime() {
        synchronized (timerLock) {
            timer = null;
        }
        dispatch();
    }

    private void fly(Flight flight) {
        Renewal renewal = new Renewal(
                tools,
                new Renewal.Job(
                        flight.subject,
                        () -> flight.forced,
                        plan.attempts(flight.subject),
                        plan.unsaved(flight.subject),
                        flight.seen));
        flight.renewal = renewal;
        if (stopped) {
            return; // stop() has ended it
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
        if (stopped) {
            return; // stop() has ended it
        }
        Instant now = options.scheduler().instant();
        plan.leave(flight);
        try {
            land(flight, outcome, now);
        } catch (RuntimeException | Error e) {
            LOG.error("the end of an issuance for {} could not be handled", flight.subject, e);
            flight.result.completeExceptionally(e);
        } finally {
            dispatch();
            landed.accept(flight.subject);
        }
    }

    private void land(Flight flight, Outcome outcome, Instant now) {
        if (outcome instanceof Outcome.Saved saved) {
            plan.keepUnsaved(flight.subject, null);
            plan.land(flight, true, saved.attempts(), now);
            CertificateBundle bundle = saved.entry().bundle().orElseThrow();
            callbacks.tell("saved", listener -> listener.saved(flight.subject, bundle));
            flight.result.complete(bundle);
        } else if (outcome instanceof Outcome.Kept kept) {
            keep(flight, kept, now);
        } else if (outcome instanceof Outcome.Deferred deferred) {
            again(flight, plan.land(flight, false, deferred.attempts(), now));
        } else if (outcome instanceof Outcome.Held held) {
            hold(flight, held, now);
        } else if (outcome instanceof Outcome.OverBudget spent) {
            postpone(flight, spent, now);
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

    /** If the CA would take another's order, then others do not wait for this one's names. */
    private void postpone(Flight flight, Outcome.OverBudget spent, Instant now) {
        if (waitForNames(flight.subject, now).isPresent()) {
            LOG.info("{}", Text.escape(spent.why(), 1000));
            plan.park(flight, spent.until());
        } else {
            plan.postpone(flight, spent.until());
        }
        callbacks.tell("waiting", listener -> listener.waiting(flight.subject, spent.why(), spent.until()));
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
        if (plan.isStored(flight.subject)) {
            LOG.warn(
                    "could not {} for {}: {}; next try at {}",
                    failed.unsaved() == null ? "issue a certificate" : "save the new certificate",
                    flight.subject,
                    Text.escape(String.valueOf(failure.getMessage()), 1000),
                    failed.attempts().nextAttempt().truncatedTo(ChronoUnit.SECONDS));
        }
        // What is not stored is tried no more: it is up to who asked, and who asked is told.
        LOG.debug("{} failed because of", flight.subject, failure);
        if (panicking) {
            callbacks.panic(failure, flight.subject);
        }
        Instant next = failed.attempts().nextAttempt();
        callbacks.tell("failed", listener -> listener.failed(flight.subject, failure, next));
        flight.result.completeExceptionally(failure);
    }

    /** This is what the store holds, as a renewal has read or written it. */
    private void served(StoredBundle entry) {
        watch.seen(entry.subject(), entry.revision());
        RenewalRecord renewal = inquiries.changed(entry);
        plan.changed(
                entry,
                plan.attempts(entry.subject()),
                renewal,
                options.scheduler().instant());
        callbacks.tell("changed", listener -> listener.changed(entry));
    }
}
