package org.autotls;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.autotls.OrderBudget.Wait;
import org.autotls.OrderPlace.Kind;
import org.autotls.internal.JsonObject;
import org.autotls.internal.TokenBucket;

/**
 * The budgets at one CA: each is one instant, the one at which it will be full again. Those that are full are not kept, so
 * that what is written stays as small as what was ordered lately.
 *
 * <p><b>Threads.</b> One thread at a time; safe for many once nobody changes it any more.
 */
final class OrderLedger {

    /**
     * Of more of a kind, those that are full again soonest are forgotten: the CA then refuses for itself. A store takes the
     * text of all; what Let's Encrypt allows one account is half of it.
     */
    private static final int MAX_BUDGETS = 8_000;

    private static final long MICROS = 1_000_000;

    private final Map<Kind, TokenBucket> buckets; // of kinds that are not limited, there is none
    private final Map<Kind, Map<String, Instant>> fullAt = new EnumMap<>(Kind.class);

    private OrderLedger(Map<Kind, TokenBucket> buckets) {
        this.buckets = buckets;
        for (Kind kind : Kind.values()) {
            fullAt.put(kind, new HashMap<>());
        }
    }

    /** Full budgets of these sizes. */
    static OrderLedger of(OrderLimits limits) {
        Map<Kind, TokenBucket> buckets = new EnumMap<>(Kind.class);
        bucket(limits.perAccount()).ifPresent(bucket -> buckets.put(Kind.ACCOUNT, bucket));
        bucket(limits.perDomain()).ifPresent(bucket -> buckets.put(Kind.DOMAIN, bucket));
        bucket(limits.perSet()).ifPresent(bucket -> buckets.put(Kind.SET, bucket));
        return new OrderLedger(buckets);
    }

    private static Optional<TokenBucket> bucket(RateLimit limit) {
        if (limit.equals(RateLimit.NONE)) {
            return Optional.empty();
        }
        int keptBack = Math.max(1, limit.count() / 50);
        return Optional.of(new TokenBucket(
                Math.max(1, limit.count() - keptBack), limit.period().dividedBy(limit.count())));
    }

    /** The same sizes, with what a text says was taken; nothing if it cannot be read. */
    OrderLedger reading(String text) {
        return parse(text).map(this::taking).orElseGet(() -> new OrderLedger(buckets));
    }

    /** The same sizes, with what was taken of others. */
    OrderLedger taking(OrderLedger other) {
        OrderLedger copy = new OrderLedger(buckets);
        buckets.keySet().forEach(kind -> copy.fullAt(kind).putAll(other.fullAt(kind)));
        return copy;
    }

    /**
     * Forgets what is full, and what a clock ahead has written: no budget is emptier than empty.
     *
     * @return whether something was ahead, which has to be written down lest it stay so
     */
    boolean settle(Instant now) {
        boolean corrected = false;
        for (Map.Entry<Kind, TokenBucket> one : buckets.entrySet()) {
            Map<String, Instant> instants = fullAt(one.getKey());
            Instant emptiest = one.getValue().take(Instant.MAX, 0, now);
            instants.values().removeIf(full -> !full.isAfter(now));
            for (Map.Entry<String, Instant> budget : instants.entrySet()) {
                if (budget.getValue().isAfter(emptiest)) {
                    budget.setValue(emptiest);
                    corrected = true;
                }
            }
        }
        return corrected;
    }

    /** Takes a place in each, if each has one; else says which keeps it waiting longest, and changes nothing. */
    Optional<Wait> take(List<OrderPlace> places, Instant now) {
        Optional<Wait> wait = waitFor(places, now);
        if (wait.isEmpty()) {
            places.forEach(place -> spend(place, 1, now));
        }
        return wait;
    }

    /** Which of these keeps an order waiting longest; empty if each has a place. */
    Optional<Wait> waitFor(List<OrderPlace> places, Instant now) {
        return places.stream()
                .filter(place -> available(place, now) == 0)
                .map(place -> new Wait(nextAt(place, now), place.what() + " are used up"))
                .max(Comparator.comparing(Wait::until));
    }

    void giveBack(List<OrderPlace> places, Instant now) {
        places.forEach(place -> spend(place, -1, now));
    }

    int available(OrderPlace place, Instant now) {
        TokenBucket bucket = buckets.get(place.kind());
        return bucket == null ? Integer.MAX_VALUE : bucket.available(fullAt(place), now);
    }

    Instant nextAt(OrderPlace place, Instant now) {
        TokenBucket bucket = buckets.get(place.kind());
        return bucket == null ? now : bucket.nextAt(fullAt(place), now);
    }

    /** The budgets of all accounts that have ordered lately. */
    List<OrderPlace> accounts() {
        return fullAt(Kind.ACCOUNT).keySet().stream()
                .map(key -> new OrderPlace(Kind.ACCOUNT, key, "orders of this account"))
                .toList();
    }

    /** Whether every budget is full. */
    boolean isFull() {
        return fullAt.values().stream().allMatch(Map::isEmpty);
    }

    private void spend(OrderPlace place, int count, Instant now) {
        TokenBucket bucket = buckets.get(place.kind());
        if (bucket != null) {
            fullAt(place.kind()).put(place.key(), bucket.take(fullAt(place), count, now));
        }
    }

    private Instant fullAt(OrderPlace place) {
        return fullAt(place.kind()).getOrDefault(place.key(), Instant.MIN);
    }

    private Map<String, Instant> fullAt(Kind kind) {
        return fullAt.computeIfAbsent(kind, any -> new HashMap<>());
    }

    String toJson(String ca) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("ca", ca);
        buckets.forEach((kind, bucket) -> all.put(
                member(kind),
                Map.of(
                        "places",
                        bucket.capacity(),
                        "intervalMicros",
                        bucket.interval().plusNanos(999).toNanos() / 1000,
                        "fullAt",
                        write(fullAt(kind)))));
        return JsonObject.write(all);
    }

    private static String write(Map<String, Instant> instants) {
        Stream<Map.Entry<String, Instant>> kept = instants.entrySet().stream();
        if (instants.size() > MAX_BUDGETS) {
            kept = kept.sorted(Map.Entry.<String, Instant>comparingByValue().reversed())
                    .limit(MAX_BUDGETS);
        }
        StringBuilder text = new StringBuilder();
        kept.forEach(one -> text.append(one.getKey())
                .append(':')
                .append(micros(one.getValue()))
                .append(' '));
        return text.toString();
    }

    /** Reads what any process wrote, with the sizes that it had then; empty if it cannot be read, as if it were lost. */
    static Optional<OrderLedger> parse(String text) {
        try {
            JsonObject json = JsonObject.parse(text);
            OrderLedger read = new OrderLedger(new EnumMap<>(Kind.class));
            for (Kind kind : Kind.values()) {
                Optional<JsonObject> one = json.object(member(kind));
                if (one.isPresent()) {
                    read.buckets.put(kind, size(one.get()));
                    read.fullAt.put(kind, instants(one.get().text("fullAt").orElse("")));
                }
            }
            return read.buckets.isEmpty() ? Optional.empty() : Optional.of(read);
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static TokenBucket size(JsonObject json) {
        int places = json.number("places").map(Math::toIntExact).orElse(1);
        long interval = json.number("intervalMicros").orElse(1L);
        return new TokenBucket(Math.max(1, places), Duration.ofNanos(Math.multiplyExact(Math.max(1, interval), 1000L)));
    }

    private static Map<String, Instant> instants(String text) {
        Map<String, Instant> all = new HashMap<>();
        for (String one : text.split(" ", -1)) {
            int colon = one.indexOf(':');
            if (colon > 0) {
                long micros = Long.parseLong(one.substring(colon + 1));
                all.put(
                        one.substring(0, colon),
                        Instant.ofEpochSecond(Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1000));
            }
        }
        return all;
    }

    /** Rounded up: whoever waits so long does not come too soon. */
    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant.plusNanos(999));
    }

    private static String member(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
