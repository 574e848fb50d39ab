package org.autotls;

import static java.util.Objects.requireNonNull;

/**
 * How much a CA allows in a time, as far as it takes an order to know. Immutable.
 *
 * @param perAccount orders of one account
 * @param perDomain certificates below one registered domain, or for one IPv4 address or IPv6 network of 64 bits; of all
 *     accounts
 * @param perSet certificates for exactly the same identifiers; of all accounts
 */
public record OrderLimits(RateLimit perAccount, RateLimit perDomain, RateLimit perSet) {

    /** Nothing is limited. */
    public static final OrderLimits NONE = new OrderLimits(RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);

    /** Checks the values. */
    public OrderLimits {
        requireNonNull(perAccount, "perAccount");
        requireNonNull(perDomain, "perDomain");
        requireNonNull(perSet, "perSet");
    }

    /**
     * Limits the orders of an account only.
     *
     * @param limit how many
     * @return limits without one for names
     */
    public static OrderLimits perAccount(RateLimit limit) {
        return new OrderLimits(limit, RateLimit.NONE, RateLimit.NONE);
    }

    /**
     * Returns the same with another limit per account.
     *
     * @param limit how many
     * @return new limits
     */
    public OrderLimits withPerAccount(RateLimit limit) {
        return new OrderLimits(limit, perDomain, perSet);
    }

    /**
     * Returns the same with another limit per registered domain.
     *
     * @param limit how many
     * @return new limits
     */
    public OrderLimits withPerDomain(RateLimit limit) {
        return new OrderLimits(perAccount, limit, perSet);
    }
}
