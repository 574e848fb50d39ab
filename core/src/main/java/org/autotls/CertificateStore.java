package org.autotls;

import java.util.Map;
import java.util.Optional;

/**
 * The durable home of certificate bundles, shared by every node that serves the same names.
 *
 * <p>A bundle is saved and found whole: a reader sees the old key with the old chain, or the new key with the new chain,
 * never a mix. One entry that cannot be read hurts that entry only: it is reported by {@link #find}, never by
 * {@link #list}.
 *
 * <p><b>Threads.</b> Implementations are safe for many threads and many processes at once. Every method may block on I/O,
 * so none is called from a handshake or an event loop; handshakes read memory only.
 *
 * <p><b>Secrets.</b> A bundle holds a private key. Implementations let only their owner read it (mode 0600, or its like)
 * and never log it.
 *
 * <p>An implementation is correct when it passes {@code CertificateStoreContract} of the testkit.
 */
public interface CertificateStore {

    /**
     * Lists what is stored or asked for. Called often (each second for a directory), so it should not read contents that
     * have not changed.
     *
     * @return each subject with its present revision, in no particular order; an unmodifiable copy
     * @throws StoreException if the store cannot be read
     */
    Map<Subject, Revision> list();

    /**
     * Refuses a subject that no entry could be made for: its name is too long for the store, say. Asked before each order, so
     * that no certificate is issued that could not be kept. Does no I/O; by default, every subject has a place.
     *
     * @param subject what a certificate is wanted for
     * @throws IllegalArgumentException if {@link #request} and {@link #save} would always fail for it; says why
     */
    default void requirePossible(Subject subject) {}

    /**
     * Returns what is stored for {@code subject}, expired or not.
     *
     * @param subject the identifiers that one certificate covers
     * @return the entry and its revision, or empty if there is none
     * @throws StoreException if the store cannot be read
     */
    Optional<StoredBundle> find(Subject subject);

    /**
     * Saves {@code bundle}, unless another writer has saved since {@code expected} was read.
     *
     * @param subject what it is for
     * @param bundle key and chain to keep
     * @param expected the revision last read, or {@link Revision#NONE} if there was no entry
     * @return the new revision, or empty if another writer came first and nothing was written
     * @throws StoreException if the write failed; it may or may not have taken effect, so the caller finds again before it
     *     saves again
     */
    Optional<Revision> save(Subject subject, CertificateBundle bundle, Revision expected);

    /**
     * Asks for a certificate: makes an entry without a bundle. Does nothing if there is an entry.
     *
     * @param subject what a certificate is wanted for
     * @return whether an entry was made
     * @throws StoreException if the write failed
     */
    boolean request(Subject subject);

    /**
     * Removes the entry, key and all.
     *
     * @param subject what is no longer wanted
     * @return whether there was one
     * @throws StoreException if the write failed
     */
    boolean remove(Subject subject);
}
