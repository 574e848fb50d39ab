package org.autotls;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How one {@link Renewal} ended. */
sealed interface Outcome {

    /** A new certificate is saved. The record is not {@link AttemptRecord#NONE} if it is due again already. */
    record Saved(StoredBundle entry, AttemptRecord attempts) implements Outcome {}

    /** Nothing was to be done, or no more: what is stored is good. */
    record Kept(StoredBundle entry, boolean forced) implements Outcome {}

    /** A failed try, perhaps another process's, forbids one now. */
    record Deferred(AttemptRecord attempts) implements Outcome {}

    /** No order can be placed before an instant; nothing was tried. */
    record OverBudget(AttemptRecord attempts, String why, Instant until) implements Outcome {}

    /** Another process works on it, for at most so long. */
    record Held(Duration remaining, Revision seen) implements Outcome {}

    /** The entry was removed while its certificate was being issued. */
    record Gone() implements Outcome {}

    /** It failed; {@code unsaved} was issued and waits to be written. */
    record Failed(
            RuntimeException failure,
            AttemptRecord attempts,
            @Nullable CertificateBundle unsaved) implements Outcome {}
}
