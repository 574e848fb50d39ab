package org.autotls;

/**
 * Told what is in a {@link CertificateStore}, whoever put it there.
 *
 * <p><b>Threads.</b> One call at a time.
 */
public interface StoreListener {

    /**
     * An entry is new or has changed. May be told more than once for the same revision.
     *
     * @param entry what is stored, or wished for, now
     */
    default void changed(StoredBundle entry) {}

    /**
     * An entry is gone.
     *
     * @param subject what it was for
     */
    default void removed(Subject subject) {}
}
