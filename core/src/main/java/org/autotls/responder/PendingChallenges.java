package org.autotls.responder;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.autotls.Challenge;
import org.autotls.Identifier;

/**
 * What is answerable at the moment: at most 10,000 challenges, each for at most an hour, since {@code cleanUp} may never be
 * called. The newest of several under one key answers; when it goes, the one before it answers again.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #find} reads one immutable list and takes no lock; the lock orders
 * writers and guards {@code order}.
 *
 * @param <T> what answers
 */
final class PendingChallenges<T> {

    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final int MOST = 10_000;

    private record Entry<T>(String key, Identifier identifier, String token, Instant until, T answer) {

        boolean isFor(Identifier wanted, String wantedToken) {
            return identifier.equals(wanted) && token.equals(wantedToken);
        }
    }

    private final InstantSource clock;
    private final ConcurrentHashMap<String, List<Entry<T>>> byKey = new ConcurrentHashMap<>();
    private final Deque<Entry<T>> order = new ArrayDeque<>();

    PendingChallenges(InstantSource clock) {
        this.clock = clock;
    }

    /** Makes a challenge answerable; the same one again begins a new hour. */
    synchronized void add(String key, Challenge challenge, T answer) {
        remove(key, challenge.identifier(), challenge.token());
        Instant now = clock.instant();
        while (!order.isEmpty()
                && (order.size() >= MOST || !order.getFirst().until().isAfter(now))) {
            forget(order.removeFirst());
        }
        Entry<T> entry = new Entry<>(key, challenge.identifier(), challenge.token(), now.plus(LIFETIME), answer);
        order.addLast(entry);
        byKey.merge(key, List.of(entry), (old, added) -> {
            List<Entry<T>> all = new ArrayList<>(added);
            all.addAll(old);
            return List.copyOf(all);
        });
    }

    synchronized void remove(String key, Identifier identifier, String token) {
        for (Entry<T> entry : byKey.getOrDefault(key, List.of())) {
            if (entry.isFor(identifier, token)) {
                order.remove(entry);
                forget(entry);
            }
        }
    }

    /** The newest answer under {@code key} whose identifier is accepted and whose hour is not over. */
    Optional<T> find(String key, Predicate<Identifier> accepted) {
        Instant now = clock.instant();
        for (Entry<T> entry : byKey.getOrDefault(key, List.of())) {
            if (entry.until().isAfter(now) && accepted.test(entry.identifier())) {
                return Optional.of(entry.answer());
            }
        }
        return Optional.empty();
    }

    private void forget(Entry<T> gone) {
        byKey.computeIfPresent(gone.key(), (key, old) -> {
            List<Entry<T>> left =
                    old.stream().filter(entry -> !entry.equals(gone)).toList();
            return left.isEmpty() ? null : left;
        });
    }
}
