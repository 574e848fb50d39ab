package org.autotls;

import java.util.Optional;

/**
 * Where an {@link Issuer} keeps, durably, how far one issuance has come, so that after a crash the next run resumes the
 * same order. What is written must be durable <em>before</em> the step that needs it (an order's URL before the challenges,
 * the certificate key before finalize).
 *
 * <p><b>Threads.</b> One thread at a time. May block.
 *
 * <p><b>Secrets.</b> The text may hold the pending certificate key.
 */
public interface IssueJournal {

    /**
     * Returns what was last written.
     *
     * @return the issuer's own text, or empty
     * @throws StoreException if it cannot be read
     */
    Optional<String> load();

    /**
     * Replaces the text; durable when this returns.
     *
     * @param text the issuer's own
     * @throws StoreException if it cannot be written; the issuer stops before the step that needs it
     */
    void save(String text);

    /**
     * Forgets the text: the issuance ended, well or for good.
     *
     * @throws StoreException if it cannot be written
     */
    void clear();
}
