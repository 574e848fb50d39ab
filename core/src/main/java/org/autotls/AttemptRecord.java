package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.autotls.IssueException.Kind;
import org.autotls.internal.JsonObject;
import org.autotls.internal.StateKeys;

/**
 * What a restart must not forget about the tries to issue for one subject. Immutable.
 *
 * <p>It is written before a try begins, as if the try had failed, so that a program which crashes in a loop tries no more
 * often than one which fails in a loop; a success deletes it.
 *
 * @param failures tries in a row that failed or did not end; 0 if there is nothing to remember
 * @param kind what failed: an {@link IssueException.Kind}, {@code STORE}, or {@code STARTED} for a try that did not end;
 *     empty if nothing did
 * @param message one line for a person; may be empty
 * @param failedAt when the last try failed, or began if it did not end
 * @param nextAttempt when the next try is allowed
 */
public record AttemptRecord(int failures, String kind, String message, Instant failedAt, Instant nextAttempt) {

    /** Nothing failed. */
    public static final AttemptRecord NONE = new AttemptRecord(0, "", "", Instant.EPOCH, Instant.EPOCH);

    /** The kind of a try that began and did not end: it runs now, or the process that ran it died. */
    public static final String STARTED = "STARTED";

    /** The kind of a try that the store failed. */
    static final String STORE = "STORE";

    private static final int MAX_FAILURES = 1_000_000;
    private static final int MAX_MESSAGE = 1000;
    private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);
    static final String PREFIX = "attempts/";

    /** Checks the values, and cuts and escapes the message, which may hold what a CA said. */
    public AttemptRecord {
        requireNonNull(kind, "kind");
        requireNonNull(failedAt, "failedAt");
        requireNonNull(nextAttempt, "nextAttempt");
        failures = Math.max(0, Math.min(failures, MAX_FAILURES));
        message =
                Text.escape(message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message, MAX_MESSAGE);
    }

    /**
     * Reads the record of a subject.
     *
     * @param state where records are kept
     * @param subject any subject
     * @return the record; {@link #NONE} if there is none, or none that can be understood
     * @throws StoreException if the store cannot be read
     */
    public static AttemptRecord find(StateStore state, Subject subject) {
        return state.find(key(subject)).flatMap(entry -> parse(entry.text())).orElse(NONE);
    }

    /**
     * Returns when a try is allowed. A record written by a clock that ran ahead of {@code now} forbids nothing: how long it
     * meant to wait is not known.
     *
     * @param now the present
     * @return perhaps in the past
     */
    public Instant allowedAt(Instant now) {
        return failedAt.isAfter(now.plus(CLOCK_TOLERANCE)) ? now : nextAttempt;
    }

    /** How many tries failed by the name itself: it was not proved, or the CA refuses it. Zero if the last one did not. */
    int refusals() {
        return kind.equals(Kind.UNPROVED.name()) || kind.equals(Kind.REFUSED.name()) ? failures : 0;
    }

    /** Tells whether the last try failed by the store, before or after an order. */
    boolean isOfStore() {
        return kind.equals(STORE);
    }

    /** Tells whether the process that began the last try died in it. */
    boolean isUnfinished() {
        return kind.equals(STARTED);
    }

    /** Tells whether the next try goes on with the order of one that did not end, and places none. */
    boolean isResumable() {
        return isUnfinished() && !nextAttempt.isAfter(failedAt);
    }

    AttemptRecord begun(Instant now, Instant next) {
        return new AttemptRecord(failures + 1, STARTED, "the last try did not end", now, next);
    }

    AttemptRecord retriedFrom(Instant instant) {
        return new AttemptRecord(failures, kind, message, failedAt, instant);
    }

    static String key(Subject subject) {
        return PREFIX + StateKeys.segment(subject);
    }

    String toJson() {
        return JsonObject.write(Map.of(
                "failures", failures,
                "kind", kind,
                "message", message,
                "failedAt", failedAt,
                "nextAttempt", nextAttempt));
    }

    static Optional<AttemptRecord> parse(String json) {
        try {
            JsonObject object = JsonObject.parse(json);
            return Optional.of(new AttemptRecord(
                    object.number("failures").map(Math::toIntExact).orElse(0),
                    object.text("kind").orElse(""),
                    object.text("message").orElse(""),
                    instant(object, "failedAt"),
                    instant(object, "nextAttempt")));
        } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException e) {
            return Optional.empty(); // forgets a failure at worst: the next try begins a new record
        }
    }

    private static Instant instant(JsonObject object, String name) {
        return object.text(name).map(Instant::parse).orElse(Instant.EPOCH);
    }
}
