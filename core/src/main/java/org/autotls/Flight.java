package org.autotls;

import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One subject's issuance, queued or running; all who ask for the subject share it. Guarded by its {@link Plan}. */
final class Flight {

    /**
     * Most urgent first: what somebody asked for; first tries before repeated ones, so that names in trouble do not delay
     * healthy ones; what is served and ends soon, or has just ended; what else panics, the first certificate of a name before
     * its alternate; then the rest. Each by the instant until which its issuer wants it done, and then by expiry.
     */
    static final Comparator<Flight> MOST_URGENT = Comparator.comparing((Flight flight) -> !flight.forced)
            .thenComparing(flight -> flight.retry)
            .thenComparing(flight -> !flight.endangered)
            .thenComparing(flight -> !flight.panicking)
            .thenComparing(
                    flight -> flight.panicking && flight.subject.keyAlgorithm().isPresent())
            .thenComparing(flight -> flight.neededBy)
            .thenComparing(flight -> flight.expiry)
            .thenComparing(flight -> flight.subject);

    final Subject subject;
    final CompletableFuture<CertificateBundle> result = new CompletableFuture<>();
    final Instant since;
    final boolean retry;
    final boolean panicking;
    /** Whether the certificate ends soon, or ended not long ago: there is something to lose. */
    final boolean endangered;

    final Instant neededBy;
    final Instant expiry;

    /** Whether somebody asked for it. Read by the renewal without the guard. */
    volatile boolean forced;

    boolean running;

    /** Whether it needs one of the orders that the issuer may still place. Changes only while it is not queued. */
    boolean spends;

    /** Until when no order can be placed for its names. Changes only while it is not queued. */
    Instant parkedUntil = Instant.MIN;

    /** Set when it is dispatched; read without the guard when the service stops. */
    volatile @Nullable Renewal renewal;
    /** What was stored when another process's lease was first met. */
    @Nullable
    Revision seen;

    Flight(
            Subject subject,
            Instant since,
            boolean retry,
            boolean panicking,
            boolean endangered,
            Instant neededBy,
            Instant expiry) {
        this.subject = subject;
        this.since = since;
        this.retry = retry;
        this.panicking = panicking;
        this.endangered = endangered;
        this.neededBy = neededBy;
        this.expiry = expiry;
    }
}
