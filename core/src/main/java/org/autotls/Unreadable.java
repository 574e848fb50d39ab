package org.autotls;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The entries that a store lists and cannot read, and has not read before in this process. One thread at a time.
 *
 * <p>That a try failed since the entry could not be read must not put the next one off when it can be: the attempt record of
 * before is kept here, and written again.
 */
final class Unreadable {

    /** An entry that is being written in place is whole long before. */
    private static final Duration PASSES = Duration.ofMinutes(1);

    private final Attempts attempts;
    private final Map<Subject, Instant> since = new HashMap<>();
    private final Map<Subject, AttemptRecord> before = new HashMap<>();

    Unreadable(Attempts attempts) {
        this.attempts = attempts;
    }

    /** Tells whether waiting does not help. */
    boolean lasts(Subject subject, RuntimeException failure, Instant now) {
        Instant first = since.computeIfAbsent(subject, unseen -> now);
        boolean mayPass = failure instanceof StoreException store && store.isRetryable();
        return !mayPass || Duration.between(first, now).abs().compareTo(PASSES) >= 0;
    }

    /** It counts as one that cannot be read from now on; returns what is known of tries. */
    AttemptRecord began(Subject subject) {
        AttemptRecord record = attempts.find(subject);
        before.put(subject, record);
        return record;
    }

    /** It was read. */
    void ended(Subject subject) {
        since.remove(subject);
        AttemptRecord known = before.get(subject);
        if (known != null) {
            if (attempts.find(subject).isOfStore()) {
                attempts.restore(subject, known);
            }
            before.remove(subject);
        }
    }

    /** It is gone. */
    void forget(Subject subject) {
        since.remove(subject);
        before.remove(subject);
    }
}
