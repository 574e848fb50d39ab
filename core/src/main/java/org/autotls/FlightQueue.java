package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The flights of a {@link Plan} that wait for their turn, and how many are under way. Whose turn it is:
 *
 * <ol>
 *   <li>Nobody's, when as many are under way as may be; nor that of a certificate whose twin for the same names is: they share
 *       a lease.
 *   <li>Nor that of one that waits for its own names, which delays no other.
 *   <li>Of those that spend an order, only as many as the issuer may place now, those under way counted; what spends none
 *       (it resumes an order, or names what it replaces) does not wait for them.
 *   <li>Repeated tries take at most half of the room, so that names which fail slowly leave some for healthy ones.
 *   <li>First tries go before repeated ones; but a certificate that ends soon, or has just ended, goes before first tries
 *       that can wait, every second time.
 *   <li>Then the most urgent.
 * </ol>
 *
 * <p>Guarded by its plan.
 */
final class FlightQueue {

    private enum Lane {
        FIRST,
        FIRST_SPENDING,
        REPEATED,
        REPEATED_SPENDING
    }

    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

    private final int maxInFlight;
    private final Map<Lane, Set<Flight>> lanes = new EnumMap<>(Lane.class);
    private final Set<Subject> aloft = new HashSet<>(); // the primary subjects of those that run
    private int running;
    private int runningRetries;
    private int runningSpending;
    private boolean repeatedLast;
    private Instant closedUntil = Instant.MIN;
    private Instant opensAt = Instant.MIN;
    private final TreeSet<Flight> parked = new TreeSet<>(
            Comparator.comparing((Flight flight) -> flight.parkedUntil).thenComparing(one -> one.subject));
    private Instant lastPoll = Instant.MIN;

    FlightQueue(int maxInFlight) {
        this.maxInFlight = maxInFlight;
        for (Lane lane : Lane.values()) {
            lanes.put(lane, new TreeSet<>(Flight.MOST_URGENT));
        }
    }

    void add(Flight flight) {
        of(flight).add(flight);
    }

    boolean remove(Flight flight) {
        return parked.remove(flight) || of(flight).remove(flight);
    }

    void clear() {
        lanes.values().forEach(Set::clear);
        parked.clear();
    }

    /** Adds one that no order can be placed for before an instant, though one could be for others. */
    void park(Flight flight, Instant until) {
        flight.parkedUntil = until;
        parked.add(flight);
    }

    int parked() {
        return parked.size();
    }

    boolean isParked(Flight flight) {
        return parked.contains(flight);
    }

    /** When the first of those that wait for their own names goes on; empty if none does. */
    Optional<Instant> unparksAt() {
        return parked.isEmpty() ? Optional.empty() : Optional.of(parked.first().parkedUntil);
    }

    /** A clock that was put back has parked them for who knows how long. */
    private void unpark(Instant now) {
        boolean wentBack = now.isBefore(lastPoll);
        lastPoll = now.minus(CLOCK_TOLERANCE);
        while (!parked.isEmpty() && (wentBack || !parked.first().parkedUntil.isAfter(now))) {
            add(requireNonNull(parked.pollFirst()));
        }
    }

    int running() {
        return running;
    }

    /** How many wait for orders to be allowed again. */
    int held() {
        return opensAt.equals(Instant.MIN)
                ? 0
                : lane(Lane.FIRST_SPENDING).size()
                        + lane(Lane.REPEATED_SPENDING).size();
    }

    /** When those that spend orders may go on, as of the last {@link #poll}; empty if they need not wait for that. */
    Optional<Instant> opensAt() {
        return held() == 0 ? Optional.empty() : Optional.of(opensAt);
    }

    /** The issuer has said that no order can be placed before. */
    void close(Instant until) {
        closedUntil = until;
    }

    /** Takes the flight whose turn it is, and counts it as under way. */
    Optional<Flight> poll(OrderAllowance allowance, Instant now) {
        unpark(now);
        boolean spent = allowance.orders() == 0 || closedUntil.isAfter(now);
        opensAt = !spent ? Instant.MIN : allowance.orders() == 0 ? later(allowance.next()) : closedUntil;
        if (running >= maxInFlight) {
            return Optional.empty();
        }
        boolean spends = !spent && runningSpending < allowance.orders();
        Optional<Flight> first = head(Lane.FIRST, Lane.FIRST_SPENDING, spends);
        Optional<Flight> repeated = runningRetries < Math.max(1, maxInFlight / 2)
                ? head(Lane.REPEATED, Lane.REPEATED_SPENDING, spends)
                : Optional.empty();
        Optional<Flight> next = first.filter(
                        one -> repeated.filter(other -> overtakes(other, one)).isEmpty())
                .or(() -> repeated);
        next.ifPresent(this::begin);
        return next;
    }

    /** It is under way no more. */
    void end(Flight flight) {
        aloft.remove(flight.subject.primary());
        running--;
        runningRetries -= flight.urgency.retry() ? 1 : 0;
        runningSpending -= flight.spends ? 1 : 0;
    }

    private void begin(Flight flight) {
        remove(flight);
        aloft.add(flight.subject.primary());
        repeatedLast = isRepeated(flight);
        running++;
        runningRetries += flight.urgency.retry() ? 1 : 0;
        runningSpending += flight.spends ? 1 : 0;
    }

    private boolean overtakes(Flight repeated, Flight first) {
        return repeated.urgency.endangered() && !first.urgency.panicking() && !first.forced && !repeatedLast;
    }

    private Optional<Flight> head(Lane free, Lane spending, boolean spends) {
        return Stream.of(first(free), spends ? first(spending) : Optional.<Flight>empty())
                .flatMap(Optional::stream)
                .min(Flight.MOST_URGENT);
    }

    private Optional<Flight> first(Lane lane) {
        return lane(lane).stream()
                .filter(flight -> !aloft.contains(flight.subject.primary()))
                .findFirst();
    }

    private Instant later(Instant instant) {
        return instant.isAfter(closedUntil) ? instant : closedUntil;
    }

    private Set<Flight> of(Flight flight) {
        return isRepeated(flight)
                ? lane(flight.spends ? Lane.REPEATED_SPENDING : Lane.REPEATED)
                : lane(flight.spends ? Lane.FIRST_SPENDING : Lane.FIRST);
    }

    private Set<Flight> lane(Lane lane) {
        return requireNonNull(lanes.get(lane));
    }

    private static boolean isRepeated(Flight flight) {
        return flight.urgency.retry() && !flight.forced;
    }
}
