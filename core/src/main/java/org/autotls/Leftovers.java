package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.autotls.internal.JsonObject;
import org.autotls.internal.StateKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts away what orders leave behind: the journals of orders that are over or no longer wanted, and what such an order has
 * made answerable outside (a TXT value, say) and could not undo.
 *
 * <ol>
 *   <li>{@link #retire} takes what is still answerable out of a journal and makes that durable, under a key of its own, before
 *       the journal with its pending key goes. Killed in between, the next run finds the journal still there.
 *   <li>{@link #sweep}, at each tick, lets the issuer undo what is due. What fails is kept, and tried again ever more rarely.
 *   <li>After {@link #MAX_TRIES}, about a month, it is given up, which is logged as an error: a challenge's answer is of no use
 *       to anybody by then.
 * </ol>
 *
 * <p>What is undone is what the issuer noted before it made it answerable, and nothing else. Nothing is undone for a subject
 * whose lease is held: a CA may give an order the challenges of the one before, and then both have the same answer.
 *
 * <p><b>Threads.</b> {@link #retire} may be called from any thread that may block; the rest by one tick after another.
 */
final class Leftovers {

    static final String PREFIX = "leftovers/";

    static final int MAX_TRIES = 32;

    private static final List<String> JOURNALS = List.of(OrderJournal.PREFIX, OrderJournal.DRY_RUN_PREFIX);
    private static final List<String> RECORDS = List.of(AttemptRecord.PREFIX, RenewalRecords.PREFIX);
    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);
    private static final List<Duration> PAUSES = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            Duration.ofHours(6),
            Duration.ofDays(1));

    /** How often the store is asked for what other processes left, besides at start. */
    private static final Duration LOOK = Duration.ofHours(1);

    /**
     * What one order left.
     *
     * @param text the issuer's own
     * @param tries how often it could not be undone
     * @param next when it is tried again
     */
    private record Leftover(String text, int tries, Instant next) {

        static Optional<Leftover> parse(String json) {
            try {
                JsonObject object = JsonObject.parse(json);
                return Optional.of(new Leftover(
                        object.text("text").orElse(""),
                        object.number("tries").map(Math::toIntExact).orElse(0),
                        object.text("next").map(Instant::parse).orElse(Instant.EPOCH)));
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
                return Optional.empty();
            }
        }

        String toJson() {
            return JsonObject.write(Map.of("text", text, "tries", tries, "next", next));
        }

        Leftover failed(String left, Instant now) {
            return new Leftover(left, tries + 1, now.plus(PAUSES.get(Math.min(tries, PAUSES.size() - 1))));
        }
    }

    private final ServiceOptions options;
    private final StateStore state;
    private final Leases leases;
    private final Attempts attempts;
    private final RenewalRecords renewals;
    private volatile Instant next = Instant.MIN;

    Leftovers(ServiceOptions options, Leases leases, Attempts attempts, RenewalRecords renewals) {
        this.options = options;
        this.state = options.state();
        this.leases = leases;
        this.attempts = attempts;
        this.renewals = renewals;
    }

    /**
     * Removes the journals of an order that is over, and of its dry run. Called inside the subject's lease.
     *
     * @throws StoreException if the store fails; whatever then is left is found by the next run
     */
    void retire(Subject subject) {
        retire(StateKeys.segment(subject));
    }

    private void retire(String segment) {
        for (String prefix : JOURNALS) {
            retire(prefix + segment, segment);
        }
    }

    private void retire(String journal, String segment) {
        if (retire(state, this::issuer, journal, segment)) {
            next = Instant.MIN;
        }
    }

    /**
     * Removes a journal; what is still answerable is kept for the next sweep.
     *
     * @return whether there was something to keep
     */
    static boolean retire(StateStore state, Supplier<Issuer> issuer, String journal, String segment) {
        Optional<StateStore.Entry> entry = state.find(journal);
        if (entry.isEmpty()) {
            return false;
        }
        Optional<String> left = issuer.get().leftovers(entry.get().text());
        left.ifPresent(text -> keep(state, segment, text));
        state.delete(journal);
        return left.isPresent();
    }

    private static void keep(StateStore state, String segment, String text) {
        String key = PREFIX + segment + "/" + StateKeys.hash(text);
        state.save(key, new Leftover(text, 0, Instant.EPOCH).toJson(), Revision.NONE); // if it is there, it is the same
        LOG.warn("an order for {} left something that is not undone yet; it is tried again until it is", segment);
    }

    /**
     * Removes all that is remembered of a subject that is no longer wanted.
     *
     * @return false if somebody works on it, or the store fails: to be called again
     */
    boolean forget(Subject subject) {
        try {
            return inLease(StateKeys.segment(subject), segment -> {
                attempts.forget(subject);
                renewals.forget(subject);
                retire(segment);
            });
        } catch (RuntimeException e) { // users' issuers are asked, too
            LOG.warn("could not remove the state of {}; it is tried again", subject, e);
            return false;
        }
    }

    /** What subjects left behind that went away while no service ran: nobody else would ever look at it. */
    void forgetStrangers() {
        try {
            Set<String> known = options.store().list().keySet().stream()
                    .map(StateKeys::segment)
                    .collect(Collectors.toSet());
            JOURNALS.forEach(prefix -> forgetStrangers(prefix, known, this::retire));
            RECORDS.forEach(prefix -> forgetStrangers(prefix, known, (key, segment) -> state.delete(key)));
        } catch (RuntimeException e) {
            LOG.warn("what subjects left that are no longer stored is swept at the next start", e);
        }
    }

    /** Somebody may be issuing for a subject that is not stored (yet): whoever does holds its lease. */
    private void forgetStrangers(String prefix, Set<String> known, BiConsumer<String, String> remove) {
        for (String key : state.keys(prefix)) {
            String stranger = key.substring(prefix.length());
            if (!known.contains(stranger)) {
                boolean gone = inLease(stranger, segment -> remove.accept(key, segment));
                LOG.debug(
                        "'{}', whose subject is no longer stored, {}", key, gone ? "is removed" : "is being worked on");
            }
        }
    }

    private boolean inLease(String segment, Consumer<String> action) {
        Optional<Lease> lease = leases.acquire(StateKeys.issueLease(segment), Renewal.LEASE);
        if (lease.isPresent()) {
            try {
                action.accept(segment);
            } finally {
                lease.get().release();
            }
        }
        return lease.isPresent();
    }

    /** Undoes what is due, if it is time to look. */
    void sweep(Instant now) {
        if (!isLater(next, now, LOOK)) {
            sweepNow(now);
        }
    }

    /** Whether an instant lies ahead; one that is too far ahead was set by a clock that ran ahead, and has come. */
    private static boolean isLater(Instant instant, Instant now, Duration longest) {
        return instant.isAfter(now) && !instant.isAfter(now.plus(longest));
    }

    /**
     * Undoes what is due; never throws for what the store or an issuer does.
     *
     * @return completes, never with a failure, when each was tried
     */
    CompletableFuture<Void> sweepNow(Instant now) {
        next = now.plus(LOOK);
        List<CompletableFuture<Void>> tries = new ArrayList<>();
        try {
            for (String key : state.keys(PREFIX)) {
                state.find(key).map(entry -> sweep(key, entry, now)).ifPresent(tries::add);
            }
        } catch (RuntimeException e) {
            LOG.warn("what orders left could not be looked at; it is tried again", e);
            soon(now);
        }
        return CompletableFuture.allOf(tries.toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> sweep(String key, StateStore.Entry entry, Instant now) {
        Optional<Leftover> leftover = Leftover.parse(entry.text());
        if (leftover.isEmpty()) {
            LOG.warn("'{}' cannot be read and is dropped", key);
            state.delete(key);
            return CompletableFuture.completedFuture(null);
        }
        Instant due = leftover.get().next();
        if (isLater(due, now, PAUSES.get(PAUSES.size() - 1)) && leftover.get().tries() > 0) {
            next = due.isBefore(next) ? due : next;
            return CompletableFuture.completedFuture(null);
        }
        String segment = key.substring(PREFIX.length(), key.lastIndexOf('/'));
        Optional<Lease> lease = leases.heldFor(StateKeys.issueLease(segment)).isZero()
                ? leases.acquire(PREFIX + segment, Renewal.LEASE)
                : Optional.empty();
        if (lease.isEmpty()) {
            soon(now);
            return CompletableFuture.completedFuture(null);
        }
        return undo(key, leftover.get())
                .thenAcceptAsync(left -> undone(key, leftover.get(), entry.revision(), left), options.executor())
                .whenCompleteAsync((done, failure) -> lease.get().release(), options.executor())
                .exceptionally(failure -> {
                    LOG.warn("'{}' could not be kept up to date; the next look makes up for it", key, failure);
                    return null;
                });
    }

    /** What is left; all of it if that fails. */
    private CompletableFuture<Optional<String>> undo(String key, Leftover leftover) {
        CompletableFuture<Optional<String>> left;
        try {
            left = requireNonNull(issuer().cleanUp(leftover.text()), "the issuer returned null")
                    .toCompletableFuture();
        } catch (RuntimeException e) {
            left = CompletableFuture.failedFuture(e);
        }
        return left.exceptionally(failure -> {
            LOG.warn("the issuer failed to undo what an order left ({})", key, failure);
            return Optional.of(leftover.text());
        });
    }

    private void undone(String key, Leftover leftover, Revision revision, Optional<String> left) {
        if (left.isEmpty()) {
            state.delete(key);
            LOG.info("undid what an order left ({})", key);
            return;
        }
        Leftover again = leftover.failed(left.get(), options.scheduler().instant());
        if (again.tries() >= MAX_TRIES) {
            state.delete(key);
            LOG.error("gave up undoing what an order left, remove it by hand: {}", again.text());
            return;
        }
        LOG.warn(
                "could not undo what an order left ({}); next try at {}",
                key,
                again.next().truncatedTo(ChronoUnit.SECONDS));
        state.save(key, again.toJson(), revision);
        next = again.next().isBefore(next) ? again.next() : next;
    }

    private void soon(Instant now) {
        next = now.plus(PAUSES.get(0));
    }

    private Issuer issuer() {
        return requireNonNull(options.issuers().get(), "the issuer supplier returned null");
    }
}
