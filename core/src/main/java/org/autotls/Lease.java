package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The right, across all processes that share a {@link StateStore}, to work on something until an instant. Immutable: how
 * long it lasts is in the store.
 *
 * <p>It is not a lock. A holder that was paused past the end of its lease still believes in it; so it renews before each
 * write that matters, and the write itself is a compare-and-save.
 *
 * <p><b>Threads.</b> Safe for many threads. Every method may block on I/O.
 */
final class Lease {

    private final Leases leases;
    private final String name;
    private final long fencing;

    Lease(Leases leases, String name, long fencing) {
        this.leases = requireNonNull(leases, "leases");
        this.name = requireNonNull(name, "name");
        this.fencing = fencing;
    }

    /**
     * Returns what is leased.
     *
     * @return the name given to {@link Leases#acquire}
     */
    String name() {
        return name;
    }

    /**
     * Returns the fencing number: higher than that of every earlier lease of this name.
     *
     * @return a positive number
     */
    long fencing() {
        return fencing;
    }

    /**
     * Makes the lease last {@code ttl} from now, even if it had ended, unless somebody else has taken it.
     *
     * @param ttl more than zero
     * @return whether it is still this holder's
     * @throws StoreException if the store cannot be read or written
     */
    boolean renew(Duration ttl) {
        return leases.extend(this, ttl);
    }

    /**
     * Gives the lease back. Does nothing if it is no longer this holder's.
     *
     * @throws StoreException if the store cannot be read or written; the lease then ends by itself
     */
    void release() {
        leases.release(this);
    }

    @Override
    public String toString() {
        return "Lease[" + name + ", " + fencing + "]";
    }
}
