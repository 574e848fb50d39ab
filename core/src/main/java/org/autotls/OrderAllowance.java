package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How many orders may be placed now, as far as is known without asking anybody. Immutable.
 *
 * @param orders zero or more
 * @param next when there is one more, if there is none now
 */
public record OrderAllowance(int orders, Instant next) {

    /** Nobody counts. */
    public static final OrderAllowance UNLIMITED = new OrderAllowance(Integer.MAX_VALUE, Instant.MIN);

    /** Checks the values. */
    public OrderAllowance {
        requireNonNull(next, "next");
        if (orders < 0) {
            throw new IllegalArgumentException("orders " + orders + ": expected zero or more");
        }
    }
}
