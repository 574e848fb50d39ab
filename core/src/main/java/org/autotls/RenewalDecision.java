package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** What {@link RenewalPolicy} says about one subject at one instant. */
public sealed interface RenewalDecision {

    /** Why. */
    enum Reason {
        /** There is no certificate. */
        MISSING("no certificate yet"),
        /** The certificate has expired. */
        EXPIRED("expired"),
        /** Less than the panic interval is left. */
        EXPIRES_SOON("expires soon"),
        /** The certificate has entered its renewal window. */
        WINDOW("due for renewal"),
        /** The instant drawn from the window that the certificate's issuer gave has come (RFC 9773). */
        CA_WINDOW("due: the CA wants it renewed"),
        /** As {@link #CA_WINDOW}, but one was ordered within the last hour. */
        ORDERED_LATELY("the CA wants it renewed, but one was ordered within the hour"),
        /** The certificate is valid, and its issuer gave a window that says when it is due (RFC 9773). */
        CA_SCHEDULE("valid; the CA says when"),
        /** The certificate is valid and not due. */
        VALID("valid"),
        /** The certificate's validity has not begun; it is due if that is more than a year away. */
        NOT_YET_VALID("not yet valid"),
        /** A try failed; the next one is later. */
        BACKOFF("waiting after a failure"),
        /** It is due, but our count says that the CA would refuse another order now. */
        OVER_BUDGET("waiting: the CA allows no more orders yet"),
        /** It is due, but our count says that the CA would refuse an order for these names or their registered domain now. */
        NAMES_OVER_BUDGET("waiting: the CA allows no more certificates for these names yet"),
        /** Another process is issuing it. */
        HELD("another process is issuing it"),
        /** It is being issued now, or is next in the queue. */
        IN_PROGRESS("being issued"),
        /** This machine's clock stands before this program was made. */
        CLOCK_BEHIND("this machine's clock is behind");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** A few words for a person. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Returns why.
     *
     * @return the reason
     */
    Reason reason();

    /**
     * Reissue now. Immutable.
     *
     * @param reason why
     * @param panicking whether a failure is to be reported as urgent: missing, expired, or soon to expire
     */
    record Now(Reason reason, boolean panicking) implements RenewalDecision {
        /** Checks the values. */
        public Now {
            requireNonNull(reason, "reason");
        }
    }

    /**
     * Nothing to do before an instant. Immutable.
     *
     * @param instant when to ask the policy again; always later than the instant it was asked at
     * @param reason why not now
     */
    record LookAgainAt(Instant instant, Reason reason) implements RenewalDecision {
        /** Checks the values. */
        public LookAgainAt {
            requireNonNull(instant, "instant");
            requireNonNull(reason, "reason");
        }

        /** Whether it may only seem that there is nothing to do: nothing is to be given up by such a clock. */
        boolean isClockInDoubt() {
            return reason == Reason.CLOCK_BEHIND || reason == Reason.NOT_YET_VALID;
        }
    }
}
