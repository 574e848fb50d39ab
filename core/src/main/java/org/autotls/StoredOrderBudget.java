package org.autotls;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.internal.JsonObject;
import org.autotls.internal.StateKeys;
import org.autotls.internal.TokenBucket;

/**
 * A budget in a {@link StateStore}. Whoever asks while a place is being taken for another waits, and all who wait are served
 * by one read and one compare-and-save.
 *
 * <p>A place that was taken and not used, because the process died, comes back with time. A text that was lost makes a full
 * budget, and the CA then says so.
 *
 * <p><b>Threads.</b> Safe for many threads; the store is used by one thread at a time, on the executor.
 */
final class StoredOrderBudget implements OrderBudget {

    private static final String PREFIX = "budgets/";
    private static final int SAVE_TRIES = 20;
    private static final Duration BUSY = Duration.ofSeconds(1);

    private record Asker(String account, CompletableFuture<Optional<Instant>> answer) {}

    /** What was last read or written. */
    private record Seen(String account, Instant fullAt) {}

    private final StateStore state;
    private final TokenBucket bucket;
    private final Executor executor;
    private final Queue<Asker> askers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Seen seen = new Seen("", Instant.MIN);

    StoredOrderBudget(StateStore state, RateLimit limit, Executor executor) {
        this.state = state;
        this.executor = executor;
        int keptBack = Math.max(1, limit.count() / 50);
        this.bucket = new TokenBucket(
                Math.max(1, limit.count() - keptBack), limit.period().dividedBy(limit.count()));
    }

    @Override
    public CompletionStage<Optional<Instant>> take(String account) {
        Asker asker = new Asker(account, new CompletableFuture<>());
        askers.add(asker);
        if (asked.getAndIncrement() == 0) {
            try {
                executor.execute(this::serve);
            } catch (RejectedExecutionException e) {
                serveAll(all -> all.forEach(one -> one.answer().completeExceptionally(e)));
            }
        }
        return asker.answer().minimalCompletionStage();
    }

    @Override
    public OrderAllowance allowance(Instant now) {
        Instant fullAt = seen.fullAt();
        return new OrderAllowance(bucket.available(fullAt, now), bucket.nextAt(fullAt, now));
    }

    /**
     * Returns until when orders have to wait, by what is kept in a store: if all budgets that were used lately are spent.
     *
     * @throws StoreException if the store cannot be read
     */
    static Optional<Instant> spentUntil(StateStore state, Instant now) {
        Optional<Instant> earliest = Optional.empty();
        for (String key : state.keys(PREFIX)) {
            Optional<JsonObject> text = state.find(key).flatMap(entry -> parse(entry.text()));
            Instant fullAt = text.map(StoredOrderBudget::fullAt).orElse(Instant.MIN);
            if (text.isPresent() && fullAt.isAfter(now)) {
                TokenBucket kept = bucketOf(text.get());
                Instant next = kept.nextAt(fullAt, now);
                if (!next.isAfter(now)) {
                    return Optional.empty();
                }
                earliest = Optional.of(earliest.filter(next::isAfter).orElse(next));
            }
        }
        return earliest;
    }

    private void serve() {
        serveAll(all -> {
            Map<String, List<Asker>> byAccount = new LinkedHashMap<>();
            all.forEach(one -> byAccount
                    .computeIfAbsent(one.account(), key -> new ArrayList<>())
                    .add(one));
            byAccount.forEach(this::serve);
        });
    }

    private void serveAll(java.util.function.Consumer<List<Asker>> how) {
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

    private void serve(String account, List<Asker> all) {
        try {
            for (int i = 0; i < SAVE_TRIES; i++) {
                Instant now = state.now();
                Optional<Instant> next = take(account, all, now);
                if (next.isPresent()) {
                    all.forEach(one -> one.answer().complete(next));
                    return;
                }
                if (all.isEmpty()) {
                    return;
                }
            }
            all.forEach(one -> one.answer().complete(Optional.of(state.now().plus(BUSY))));
        } catch (RuntimeException | Error e) { // users' stores throw what they like; whoever waits must be told
            all.forEach(one -> one.answer().completeExceptionally(e));
        }
    }

    /**
     * Serves as many as there are places for, and takes these out of the list.
     *
     * @return when the others shall ask again; empty if there are none, or another process was quicker and nobody was served
     */
    private Optional<Instant> take(String account, List<Asker> all, Instant now) {
        String key = key(account);
        Optional<StateStore.Entry> entry = state.find(key);
        Instant fullAt = entry.flatMap(found -> parse(found.text()))
                .map(StoredOrderBudget::fullAt)
                .orElse(Instant.MIN);
        int places = Math.min(bucket.available(fullAt, now), all.size());
        Instant then = bucket.take(fullAt, places, now);
        boolean ranAhead = then.isBefore(fullAt); // written by a clock that has been put back since
        if (places > 0 || ranAhead) {
            Revision expected = entry.map(StateStore.Entry::revision).orElse(Revision.NONE);
            if (state.save(key, toJson(account, then), expected).isEmpty()) {
                return Optional.empty();
            }
        }
        seen = new Seen(account, then);
        List<Asker> lucky = all.subList(0, places);
        lucky.forEach(one -> one.answer().complete(Optional.empty()));
        lucky.clear();
        return all.isEmpty() ? Optional.empty() : Optional.of(bucket.nextAt(then, now));
    }

    private String toJson(String account, Instant fullAt) {
        return JsonObject.write(Map.of(
                "account",
                account,
                "places",
                bucket.capacity(),
                "intervalMillis",
                Math.max(1, bucket.interval().toMillis()),
                "fullAt",
                fullAt));
    }

    private static Optional<JsonObject> parse(String text) {
        try {
            JsonObject json = JsonObject.parse(text);
            fullAt(json);
            bucketOf(json);
            return Optional.of(json);
        } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException e) {
            return Optional.empty(); // as if it were lost
        }
    }

    private static Instant fullAt(JsonObject json) {
        return json.text("fullAt").map(Instant::parse).orElse(Instant.MIN);
    }

    private static TokenBucket bucketOf(JsonObject json) {
        int places = json.number("places").map(Math::toIntExact).orElse(1);
        Duration interval = Duration.ofMillis(json.number("intervalMillis").orElse(1L));
        return new TokenBucket(Math.max(1, places), interval.isNegative() ? Duration.ofMillis(1) : interval);
    }

    private static String key(String account) {
        return PREFIX + StateKeys.hash(account);
    }
}
