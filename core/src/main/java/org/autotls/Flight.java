package org.autotls;

import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One subject's issuance, queued or running; all who ask for the subject share it. Guarded by its {@link Plan}. */
final class Flight {

    /**
     * How urgent an issuance is, as of when it was queued.
     *
     * @param retry whether the last try failed
     * @param endangered whether the certificate ends soon, or ended not long ago: there is something to lose
     * @param panicking whether a failure is an alarm
     * @param neededBy until when its issuer wants it done
     * @param expiry when what is served ends
     */
    record Urgency(boolean retry, boolean endangered, boolean panicking, Instant neededBy, Instant expiry) {}

    /**
     * Most urgent first: what somebody asked for; first tries before repeated ones, so that names in trouble do not delay
     * healthy ones; what is served and ends soon, or has just ended; what else panics, the first certificate of a name before
     * its alternate; then the rest. Each by the instant until which its issuer wants it done, and then by expiry.
     */
    static final Comparator<Flight> MOST_URGENT = Comparator.comparing((Flight flight) -> !flight.forced)
            .thenComparing(flight -> flight.urgency.retry())
            .thenComparing(flight -> !flight.urgency.endangered())
            .thenComparing(flight -> !flight.urgency.panicking())
            .thenComparing(flight ->
                    flight.urgency.panicking() && flight.subject.keyAlgorithm().isPresent())
            .thenComparing(flight -> flight.urgency.neededBy())
            .thenComparing(flight -> flight.urgency.expiry())
            .thenComparing(flight -> flight.subject);

    final Subject subject;
    final CompletableFuture<CertificateBundle> result = new CompletableFuture<>();
    final Instant since;
    final Urgency urgency;

    /** Whether somebody asked for it. Read by the renewal without the guard. */
    volatile boolean forced;

    boolean running;

    /** Whether it needs one of the orders that the issuer may still place. Changes only while it is not queued. */
    boolean spends;

    /** Set when it is dispatched; read without the guard when the service stops. */
    volatile @Nullable Renewal renewal;
    /** What was stored when another process's lease was first met. */
    @Nullable
    Revision seen;

    Flight(Subject subject, Instant since, Urgency urgency) {
        this.subject = subject;
        this.since = since;
        this.urgency = urgency;
    }
}
