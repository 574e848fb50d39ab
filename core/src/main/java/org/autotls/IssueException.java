package org.autotls;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A certificate could not be issued. {@link #kind} says what the caller does next, {@link #retryAt} when. */
public final class IssueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What the caller does next. */
    public enum Kind {
        /** The CA could not be reached, or the connection broke: try again soon. */
        NETWORK,
        /** The CA is in trouble (5xx, garbage, a stalled answer): try again soon. */
        SERVER,
        /** The CA asks for patience (429, 503 with Retry-After): wait until {@link #retryAt}. */
        RATE_LIMITED,
        /**
         * Our own count says that the CA would refuse another order now: nothing was asked of it and nothing failed; wait
         * until {@link #retryAt}.
         */
        OVER_BUDGET,
        /**
         * The CA has paused the account or the name until a person follows the link in {@link Problem#unpauseLink}: try once
         * a day.
         */
        PAUSED,
        /** Control of an identifier was not proved: a person or DNS may mend it; try again soon at first. */
        UNPROVED,
        /** The CA refuses this request as it stands (CAA, policy, blocked name): try once a day. */
        REFUSED,
        /** The configuration cannot work (no responder, terms not agreed, bad account): try once a day. */
        CONFIGURATION,
        /** What the CA returned failed our check; nothing was stored: try once a day. */
        BAD_CERTIFICATE,
        /** The service was stopped. */
        STOPPED
    }

    /** What the caller does next. */
    private final Kind kind;

    private final transient @Nullable Problem problem;

    /** Not before when a retry may help. */
    private final @Nullable Instant retryAt;

    /**
     * Makes an exception.
     *
     * @param kind what the caller does next
     * @param message one line that names the value and the place
     */
    public IssueException(Kind kind, String message) {
        this(kind, message, null, null, null);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param kind what the caller does next
     * @param message one line that names the value and the place
     * @param cause what happened below; may be null
     */
    public IssueException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, cause, null, null);
    }

    /**
     * Makes an exception with all that is known.
     *
     * @param kind what the caller does next
     * @param message one line that names the value and the place
     * @param cause what happened below; may be null
     * @param problem what the CA said; may be null
     * @param retryAt when the CA asks to come back (Retry-After); may be null
     */
    public IssueException(
            Kind kind,
            String message,
            @Nullable Throwable cause,
            @Nullable Problem problem,
            @Nullable Instant retryAt) {
        super(message, cause);
        this.kind = kind;
        this.problem = problem;
        this.retryAt = retryAt;
    }

    /**
     * Returns what the caller does next.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns what the CA said.
     *
     * @return empty if the CA sent no problem document
     */
    public Optional<Problem> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Returns when the CA asks to come back.
     *
     * @return empty if it did not say
     */
    public Optional<Instant> retryAt() {
        return Optional.ofNullable(retryAt);
    }
}
