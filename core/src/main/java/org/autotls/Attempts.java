package org.autotls;

import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The attempt records in a {@link StateStore}. Safe for many threads; every method may block on I/O. */
final class Attempts {

    /** So often a try that did not end is resumed at once; after that its order's journal is not believed to help. */
    private static final int MAX_RESUMES = 3;

    private final StateStore state;
    private final RandomGenerator random;

    Attempts(StateStore state, RandomGenerator random) {
        this.state = state;
        this.random = random;
    }

    /**
     * Reads a record. A try that did not end, but came far enough to leave a journal, is allowed at once: to resume an
     * order is not to make another one.
     */
    AttemptRecord find(Subject subject) {
        AttemptRecord record = AttemptRecord.find(state, subject);
        boolean resumable = record.isUnfinished()
                && record.failures() <= MAX_RESUMES
                && state.find(OrderJournal.key(subject)).isPresent();
        return resumable ? record.retriedFrom(record.failedAt()) : record;
    }

    /** Writes down, before a try begins, that it did not end. */
    AttemptRecord begin(Subject subject, AttemptRecord before, Instant now) {
        IssueException died = new IssueException(IssueException.Kind.SERVER, "the last try did not end");
        AttemptRecord begun = before.begun(now, RetrySchedule.next(before.failures() + 1, died, now, random));
        save(subject, begun);
        return begun;
    }

    /** Writes down again what was there before {@link #begin}. */
    void restore(Subject subject, AttemptRecord before) {
        if (before.failures() == 0) {
            forget(subject);
        } else {
            save(subject, before);
        }
    }

    void save(Subject subject, AttemptRecord record) {
        String key = AttemptRecord.key(subject);
        Revision expected = state.find(key).map(StateStore.Entry::revision).orElse(Revision.NONE);
        Optional<Revision> saved = state.save(key, record.toJson(), expected);
        if (saved.isEmpty()) {
            throw StoreException.retryable(
                    "the attempt record '" + key + "' was written by another process at the same time",
                    new IllegalStateException("compare-and-save of revision " + expected + " failed"));
        }
    }

    void forget(Subject subject) {
        state.delete(AttemptRecord.key(subject));
    }

    /** Returns what a failure leaves behind. */
    AttemptRecord failed(AttemptRecord begun, RuntimeException failure, Instant now) {
        int failures = Math.max(1, begun.failures());
        Instant next = RetrySchedule.next(failures, asIssueException(failure), now, random);
        String kind = failure instanceof IssueException issue ? issue.kind().name() : AttemptRecord.STORE;
        return new AttemptRecord(failures, kind, String.valueOf(failure.getMessage()), now, next);
    }

    /** Returns what is left behind when a certificate was issued and only its saving failed: that needs no new order. */
    AttemptRecord unsaved(AttemptRecord begun, RuntimeException failure, Instant now) {
        Instant next = RetrySchedule.next(1, asIssueException(failure), now, random);
        return new AttemptRecord(
                Math.max(1, begun.failures()), AttemptRecord.STORE, String.valueOf(failure.getMessage()), now, next);
    }

    private static IssueException asIssueException(RuntimeException failure) {
        return failure instanceof IssueException issue
                ? issue
                : new IssueException(IssueException.Kind.SERVER, String.valueOf(failure.getMessage()), failure);
    }
}
