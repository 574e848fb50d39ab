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

    /**
     * An entry cannot be read; what was last told of it, if anything, still holds. Told at each poll until it can be read, or is
     * gone, which {@link #removed} tells.
     *
     * @param subject what it is for
     * @param failure what the store said
     */
    default void unreadable(Subject subject, RuntimeException failure) {}
}
