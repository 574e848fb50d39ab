package org.autotls;

/**
 * Told when reissue failed for a subject that has no certificate, an expired one, or one inside the panic interval; by
 * {@link AutoTls} also when a certificate was renewed and is not served: page somebody.
 *
 * <p><b>Threads.</b> One call at a time, on a thread kept for callbacks. What it throws is logged and counted; a call that
 * takes longer than 30 s is interrupted and left behind. The service goes on in each case.
 */
@FunctionalInterface
public interface PanicCallback {

    /**
     * Raises the alarm.
     *
     * @param failure an {@link IssueException} or a {@link StoreException}
     * @param subject whose certificate is in danger
     */
    void panic(Throwable failure, Subject subject);
}
