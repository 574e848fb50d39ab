package org.autotls;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.autotls.OrderPlace.Kind;
import org.autotls.internal.StateKeys;

/**
 * A budget in a {@link StateStore}. Whoever asks while a place is being taken for another waits, and all who wait are served
 * by one read and one compare-and-save; if nobody is given a place, nothing is written.
 *
 * <p>All budgets of a CA are in one text, so that an order takes its places in all of them at once, or none. A place that was
 * taken and not used, because the process died, comes back with time. A text that was lost makes full budgets, and the CA
 * then says so.
 *
 * <p><b>Threads.</b> Safe for many threads; the store is used by one thread at a time, on the executor.
 */
final class StoredOrderBudget implements OrderBudget {

    static final String PREFIX = "budgets/";
    private static final int SAVE_TRIES = 20;
    private static final Duration BUSY = Duration.ofSeconds(1);

    /** Wants places, or gives some back. */
    private record Asker(List<OrderPlace> places, boolean givesBack, CompletableFuture<Optional<Wait>> answer) {

        Optional<Wait> ask(OrderLedger ledger, Instant now) {
            if (givesBack) {
                ledger.giveBack(places, now);
                return Optional.empty();
            }
            return ledger.take(places, now);
        }
    }

    /** What was last read or written, as a text and as what that says, and the account that was last asked for. */
    private record Seen(OrderPlace account, String text, OrderLedger ledger) {}

    private final StateStore state;
    private final String ca;
    private final OrderLedger full;
    private final DomainNames names;
    private final Executor executor;
    private final Queue<Asker> askers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Seen seen;

    StoredOrderBudget(StateStore state, String ca, OrderLimits limits, DomainNames names, Executor executor) {
        this.state = state;
        this.ca = ca;
        this.full = OrderLedger.of(limits);
        this.names = names;
        this.executor = executor;
        this.seen = new Seen(OrderPlace.ofAccount(""), "", full);
    }

    @Override
    public CompletionStage<Optional<Wait>> take(String account, Subject subject) {
        return ask(OrderPlace.of(account, subject, names), false).minimalCompletionStage();
    }

    @Override
    public CompletionStage<Void> giveBack(Subject subject) {
        return ask(OrderPlace.ofNames(subject, names), true).thenAccept(given -> {});
    }

    private CompletableFuture<Optional<Wait>> ask(List<OrderPlace> places, boolean givesBack) {
        Asker asker = new Asker(places, givesBack, new CompletableFuture<>());
        askers.add(asker);
        if (asked.getAndIncrement() == 0) {
            try {
                executor.execute(() -> serveAll(this::serve));
            } catch (RejectedExecutionException e) {
                serveAll(all -> all.forEach(one -> one.answer().completeExceptionally(e)));
            }
        }
        return asker.answer();
    }

    @Override
    public OrderAllowance allowance(Instant now) {
        Seen known = seen;
        return new OrderAllowance(
                known.ledger().available(known.account(), now), known.ledger().nextAt(known.account(), now));
    }

    @Override
    public OrderAllowance allowance(Subject subject, Instant now) {
        Seen known = seen;
        List<OrderPlace> places = new ArrayList<>(OrderPlace.ofNames(subject, names));
        places.add(known.account());
        int orders = places.stream()
                .mapToInt(place -> known.ledger().available(place, now))
                .min()
                .orElse(0);
        return new OrderAllowance(
                orders, known.ledger().waitFor(places, now).map(Wait::until).orElse(now));
    }

    private void serveAll(Consumer<List<Asker>> how) {
        int served = 1;
        do {
            List<Asker> all = new ArrayList<>();
            for (Asker one = askers.poll(); one != null; one = askers.poll()) {
                all.add(one);
            }
            how.accept(all);
            int done = served;
            served = asked.addAndGet(-done);
        } while (served != 0);
    }

    private void serve(List<Asker> all) {
        if (all.isEmpty()) {
            return;
        }
        try {
            for (int i = 0; i < SAVE_TRIES; i++) {
                if (serveOnce(all)) {
                    return;
                }
            }
            Wait busy = new Wait(state.now().plus(BUSY), "other processes count their orders at this moment");
            all.forEach(one -> one.answer().complete(Optional.of(busy)));
        } catch (RuntimeException | Error e) { // users' stores throw what they like; whoever waits must be told
            all.forEach(one -> one.answer().completeExceptionally(e));
        }
    }

    /** Serves each as far as there are places; false if another process was quicker, and nobody was served. */
    private boolean serveOnce(List<Asker> all) {
        String key = PREFIX + StateKeys.hash(ca);
        Optional<StateStore.Entry> entry = state.find(key);
        Instant now = state.now();
        String text = entry.map(StateStore.Entry::text).orElse("");
        OrderLedger ledger = text.equals(seen.text()) ? full.taking(seen.ledger()) : full.reading(text);
        boolean changed = ledger.settle(now);
        List<Optional<Wait>> answers = new ArrayList<>();
        for (Asker one : all) {
            Optional<Wait> answer = one.ask(ledger, now);
            answers.add(answer);
            changed |= answer.isEmpty();
        }
        if (changed) {
            Revision expected = entry.map(StateStore.Entry::revision).orElse(Revision.NONE);
            text = ledger.toJson(ca);
            if (state.save(key, text, expected).isEmpty()) {
                return false;
            }
        }
        seen = new Seen(lastAccount(all), text, ledger);
        for (int i = 0; i < answers.size(); i++) {
            all.get(i).answer().complete(answers.get(i));
        }
        return true;
    }

    private OrderPlace lastAccount(List<Asker> all) {
        return all.stream()
                .flatMap(one -> one.places().stream())
                .filter(place -> place.kind() == Kind.ACCOUNT)
                .reduce((earlier, later) -> later)
                .orElse(seen.account());
    }
}
