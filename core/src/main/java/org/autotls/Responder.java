package org.autotls;

/**
 * Makes challenges of one type answerable, and undoes it.
 *
 * <p><b>Threads.</b> Safe for many threads; both methods may block, and run on the service's own threads.
 *
 * <p>An implementation is correct when it passes {@code ResponderContract} of the testkit.
 */
public interface Responder {

    /**
     * Returns the challenge type that this responder answers.
     *
     * @return for example {@code tls-alpn-01}
     */
    String challengeType();

    /**
     * Makes {@code challenge} answerable from now until {@link #cleanUp}. The CA may ask many times and from many places.
     * Presenting the same challenge again (after a crash) is no error. Two challenges for one identifier may be presented
     * at the same time.
     *
     * @param challenge of this responder's type
     * @return what {@link #cleanUp} needs
     * @throws IssueException if the challenge cannot be made answerable
     */
    Presentation present(Challenge challenge);

    /**
     * Undoes {@link #present}. May be called more than once, after a restart, or for something that is gone; may also never
     * be called.
     *
     * @param presentation what {@link #present} returned, perhaps in another process
     * @throws IssueException if it could not be undone; the caller logs it
     */
    void cleanUp(Presentation presentation);

    /**
     * Undoes a {@link #present} whose result was lost in a crash, or that never began. Unless overridden, presents once more
     * and cleans that up.
     *
     * @param challenge of this responder's type
     * @throws IssueException if it could not be undone; the caller logs it
     */
    default void undo(Challenge challenge) {
        cleanUp(present(challenge));
    }
}
