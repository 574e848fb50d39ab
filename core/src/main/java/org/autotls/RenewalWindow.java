package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/**
 * The span of time in which a certificate is best renewed: {@code [start, end)}. Immutable.
 *
 * @param start the first instant of the window
 * @param end the first instant after the window; always later than {@code start}
 */
public record RenewalWindow(Instant start, Instant end) {

    /**
     * Makes a window.
     *
     * @throws IllegalArgumentException if {@code end} is not after {@code start}
     */
    public RenewalWindow {
        requireNonNull(start, "start");
        requireNonNull(end, "end");
        if (!end.isAfter(start)) {
            throw new IllegalArgumentException("end " + end + " is not after start " + start);
        }
    }

    /**
     * Returns the instant at a fraction of the window.
     *
     * @param fraction from 0, the start, up to but not including 1
     * @return an instant in the window, to the millisecond
     * @throws IllegalArgumentException if {@code fraction} is out of its range
     */
    public Instant at(double fraction) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException("fraction " + fraction + ": expected 0 to less than 1");
        }
        return start.plusMillis((long) (Duration.between(start, end).toMillis() * fraction));
    }
}
