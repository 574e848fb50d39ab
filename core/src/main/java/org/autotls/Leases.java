package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.autotls.internal.JsonObject;
import org.autotls.internal.StateKeys;

/**
 * Cluster-wide leases on a {@link StateStore}: one small document each, changed by compare-and-save only, and timed by the
 * store's clock, so that nodes need not agree on the time. That clock may be put back: what would last longer than it was
 * taken for is over.
 *
 * <p><b>Threads.</b> Safe for many threads and processes. Every method may block on I/O.
 */
final class Leases {

    private static final String PREFIX = "leases/";
    private static final String NOBODY = "";
    /** Enough for two threads of one owner that renew at once; more than that is another owner. */
    private static final int RACES = 3;

    /** So much further than meant may a lease seem to last: clocks are put right by seconds while it is held. */
    private static final Duration TOLERANCE = Duration.ofSeconds(30);

    /** What is believed of a document that does not say how long it was meant to last. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private record Document(String owner, long fencing, Instant until, Duration ttl) {

        static final Document NONE = new Document(NOBODY, 0, Instant.EPOCH, Duration.ZERO);

        static Document parse(String text) {
            try {
                JsonObject json = JsonObject.parse(text);
                return new Document(
                        json.text("owner").orElse(NOBODY),
                        json.number("fencing").orElse(0L),
                        json.text("until").map(Instant::parse).orElse(Instant.EPOCH),
                        json.number("ttl").map(Duration::ofMillis).orElse(LONGEST));
            } catch (IllegalArgumentException | DateTimeException e) {
                return NONE; // a torn document is no lease; compare-and-save still decides who gets it
            }
        }

        String toJson() {
            return JsonObject.write(Map.of("owner", owner, "fencing", fencing, "until", until, "ttl", ttl.toMillis()));
        }

        boolean lastsAt(Instant now) {
            return until.isAfter(now) && !until.isAfter(now.plus(ttl).plus(TOLERANCE));
        }
    }

    private final StateStore state;
    private final String owner;
    private final Predicate<String> gone;

    /**
     * Leases for one owner.
     *
     * @param state where leases are kept
     * @param owner tells this process, or this service in it, from all others; not empty
     * @throws IllegalArgumentException if {@code owner} is empty
     */
    Leases(StateStore state, String owner) {
        this(state, owner, other -> false);
    }

    /** As above; {@code gone} tells which owners have certainly ended, so that their leases need not be waited for. */
    Leases(StateStore state, String owner, Predicate<String> gone) {
        this.gone = requireNonNull(gone, "gone");
        this.state = requireNonNull(state, "state");
        this.owner = requireNonNull(owner, "owner");
        if (owner.equals(NOBODY)) {
            throw new IllegalArgumentException("the owner of leases is empty");
        }
    }

    /**
     * Takes a lease that nobody holds. An owner that holds it already does not get it a second time.
     *
     * @param name what is leased: segments as in {@link StateStore}
     * @param ttl how long, by the store's clock; more than zero
     * @return the lease, or empty if another holds it
     * @throws StoreException if the store cannot be read or written
     */
    Optional<Lease> acquire(String name, Duration ttl) {
        String key = StateKeys.check(PREFIX + name);
        Optional<StateStore.Entry> entry = state.find(key);
        Document present =
                entry.map(StateStore.Entry::text).map(Document::parse).orElse(Document.NONE);
        Instant now = state.now();
        if (isHeld(present, now)) {
            return Optional.empty();
        }
        // At least the time of day, so that it rises even if the document was deleted in between.
        long fencing = Math.max(present.fencing() + 1, now.toEpochMilli());
        Revision expected = entry.map(StateStore.Entry::revision).orElse(Revision.NONE);
        return state.save(key, new Document(owner, fencing, now.plus(ttl), ttl).toJson(), expected)
                .map(saved -> new Lease(this, name, fencing));
    }

    /**
     * Returns until when a lease is held by anybody.
     *
     * @param name what is leased
     * @return how much longer, by the store's clock; zero if nobody holds it
     * @throws StoreException if the store cannot be read
     */
    public Duration heldFor(String name) {
        Instant now = state.now();
        return state.find(StateKeys.check(PREFIX + name))
                .map(entry -> Document.parse(entry.text()))
                .filter(document -> isHeld(document, now))
                .map(document -> Duration.between(now, document.until()))
                .orElse(Duration.ZERO);
    }

    private boolean isHeld(Document document, Instant now) {
        return document.lastsAt(now) && !gone.test(document.owner());
    }

    boolean extend(Lease lease, Duration ttl) {
        return write(lease, new Document(owner, lease.fencing(), state.now().plus(ttl), ttl));
    }

    void release(Lease lease) {
        write(lease, new Document(NOBODY, lease.fencing(), Instant.EPOCH, Duration.ZERO));
    }

    private boolean write(Lease lease, Document next) {
        String key = PREFIX + lease.name();
        for (int race = 0; race < RACES; race++) {
            Optional<StateStore.Entry> entry = state.find(key);
            Document present =
                    entry.map(StateStore.Entry::text).map(Document::parse).orElse(Document.NONE);
            if (!present.owner().equals(owner) || present.fencing() != lease.fencing()) {
                return false;
            }
            Revision expected = entry.map(StateStore.Entry::revision).orElse(Revision.NONE);
            if (state.save(key, next.toJson(), expected).isPresent()) {
                return true;
            }
        }
        return false;
    }
}
