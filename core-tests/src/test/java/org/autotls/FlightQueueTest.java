package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Flights that wait for their own names; the rest of the queue is tested through the service. */
class FlightQueueTest {

    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

    private final FlightQueue queue = new FlightQueue(2);

    private static Flight flight(String name) {
        return new Flight(Subject.of(name), NOW, new Flight.Urgency(false, true, false, NOW, NOW));
    }

    @Test
    void parked_comesBackAtItsInstant_andDelaysNobody() {
        Flight parked = flight("a.example");
        Flight other = flight("b.example");
        queue.park(parked, NOW.plusSeconds(60));
        queue.add(other);
        assertThat(queue.unparksAt()).contains(NOW.plusSeconds(60));
        assertThat(queue.poll(OrderAllowance.UNLIMITED, NOW)).contains(other);
        assertThat(queue.poll(OrderAllowance.UNLIMITED, NOW.plusSeconds(59))).isEmpty();
        assertThat(queue.poll(OrderAllowance.UNLIMITED, NOW.plusSeconds(60))).contains(parked);
        assertThat(queue.unparksAt()).isEmpty();
    }

    @Test
    void parked_canBeTakenOut() {
        Flight parked = flight("a.example");
        queue.park(parked, NOW.plusSeconds(60));
        assertThat(queue.remove(parked)).isTrue();
        assertThat(queue.isParked(parked)).isFalse();
        assertThat(queue.poll(OrderAllowance.UNLIMITED, NOW.plusSeconds(60))).isEmpty();
    }

    /** D1: an instant that a clock ten years ahead gave is not waited for once the clock is right again. */
    @Test
    void D1_clockPutBack_parkedIsLookedAtAgain() {
        Instant ahead = NOW.plus(Duration.ofDays(3650));
        Flight parked = flight("a.example");
        queue.park(parked, ahead.plus(Duration.ofHours(3)));
        assertThat(queue.poll(OrderAllowance.UNLIMITED, ahead)).isEmpty();
        assertThat(queue.poll(OrderAllowance.UNLIMITED, NOW)).contains(parked);
    }
}
