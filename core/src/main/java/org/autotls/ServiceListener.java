package org.autotls;

import java.time.Instant;

/**
 * Told what an {@link IssuingService} does and sees.
 *
 * <p><b>Threads.</b> One call at a time, in the order of events, on a thread kept for callbacks. What a call throws is
 * logged and counted; a call that takes longer than 30 s is interrupted and left behind. The service goes on in each case.
 */
public interface ServiceListener extends StoreListener {

    /**
     * A certificate was issued and saved. {@link #changed} was told before.
     *
     * @param subject what it is for
     * @param bundle what was saved
     */
    default void saved(Subject subject, CertificateBundle bundle) {}

    /**
     * A try to issue failed.
     *
     * @param subject what was tried
     * @param failure an {@link IssueException} or a {@link StoreException}
     * @param nextAttempt when it is tried again
     */
    default void failed(Subject subject, RuntimeException failure, Instant nextAttempt) {}

    /**
     * An order was not placed, since the CA would refuse it by our count: nothing failed. Told to those that were about to
     * order; names that wait behind them, for the same reason, are in {@link IssuingService#status}.
     *
     * @param subject what waits
     * @param why which limit is reached, in one line
     * @param until when it is looked at again
     */
    default void waiting(Subject subject, String why, Instant until) {}

    /**
     * The issuer wants a certificate renewed in another span of time than was known, which is how a CA calls certificates
     * back before it revokes them (RFC 9773). Told once for each window, in the process that asked.
     *
     * @param subject whose certificate it is
     * @param information the window, and, if the CA gives one, the page that says why: have a person read it
     */
    default void renewalSuggested(Subject subject, RenewalInformation information) {}

    /**
     * The store was checked: at start, and once every check interval.
     *
     * @param subjects how many entries there are
     * @param due how many of them are reissued now
     */
    default void checked(int subjects, int due) {}
}
