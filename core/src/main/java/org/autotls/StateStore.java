package org.autotls;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Small named texts that must survive a restart: attempt records, orders in flight with their pending keys, leases, the
 * embedded CA. Usually lives beside a {@link CertificateStore}, in the same database or directory.
 *
 * <p>Keys are one or more segments of {@code [a-z0-9*.,:_-]+}, at most 255 characters each, separated by {@code /}; no
 * segment begins with a dot. Texts are at most 1 MiB.
 *
 * <p><b>Threads.</b> Safe for many threads and processes. Every method may block on I/O.
 *
 * <p><b>Secrets.</b> A text may hold a private key: only the owner may read it, and it is never logged.
 *
 * <p>An implementation is correct when it passes {@code StateStoreContract} of the testkit.
 */
public interface StateStore {

    /**
     * A text and the revision it was read at. Immutable; {@link #toString} does not show the text.
     *
     * @param text the text
     * @param revision what a save has to name
     */
    record Entry(String text, Revision revision) {
        @Override
        public String toString() {
            return "Entry[" + text.length() + " characters, " + revision + "]";
        }
    }

    /**
     * Returns the text under {@code key}.
     *
     * @param key see above
     * @return the text and its revision, or empty
     * @throws StoreException if the store cannot be read
     */
    Optional<Entry> find(String key);

    /**
     * Saves {@code text}, durably, unless another writer has saved since {@code expected} was read.
     *
     * @param key see above
     * @param text at most 1 MiB
     * @param expected the revision last read, or {@link Revision#NONE} if there was none
     * @return the new revision, or empty if another writer came first and nothing was written
     * @throws StoreException if the write failed; it may or may not have taken effect
     */
    Optional<Revision> save(String key, String text, Revision expected);

    /**
     * Deletes the text under {@code key}, whatever its revision. Does nothing if there is none.
     *
     * @param key see above
     * @throws StoreException if the write failed
     */
    void delete(String key);

    /**
     * Lists the keys that begin with {@code prefix}.
     *
     * @param prefix whole segments, ending with {@code /}; empty for all
     * @return keys in no particular order; an unmodifiable copy
     * @throws StoreException if the store cannot be read
     */
    List<String> keys(String prefix);

    /**
     * Returns the store's own clock, which leases are measured by: nodes that share a store need not share a clock.
     *
     * @return the present, as the store sees it
     */
    Instant now();
}
