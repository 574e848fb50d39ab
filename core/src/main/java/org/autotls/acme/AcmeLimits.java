package org.autotls.acme;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import org.autotls.OrderLimits;
import org.autotls.RateLimit;

/**
 * The limits that a CA publishes, as far as a client can count along. Immutable.
 *
 * @param orders orders per account, and certificates per registered domain and set of names
 * @param renewalsExempt whether an order that names what it replaces (RFC 9773 §5) is not counted
 * @param directory requests for the directory
 * @param newNonce requests for nonces
 * @param newAccount registrations and look-ups of accounts
 * @param newOrder requests that place orders
 * @param renewalInfo requests for renewal information
 */
public record AcmeLimits(
        OrderLimits orders,
        boolean renewalsExempt,
        RateLimit directory,
        RateLimit newNonce,
        RateLimit newAccount,
        RateLimit newOrder,
        RateLimit renewalInfo) {

    /** Checks the values. */
    public AcmeLimits {
        requireNonNull(orders, "orders");
        requireNonNull(directory, "directory");
        requireNonNull(newNonce, "newNonce");
        requireNonNull(newAccount, "newAccount");
        requireNonNull(newOrder, "newOrder");
        requireNonNull(renewalInfo, "renewalInfo");
    }

    /**
     * Returns what is known of a CA.
     *
     * @param directory its directory's URL
     * @return as {@link AcmeDirectories} has it; for a CA that is not there, no limit of orders
     */
    public static AcmeLimits at(URI directory) {
        return AcmeDirectories.at(directory).map(AcmeDirectories.Ca::limits).orElse(AcmeDirectories.UNKNOWN);
    }

    AcmeLimits withOrders(OrderLimits limits, boolean exempt) {
        return new AcmeLimits(limits, exempt, directory, newNonce, newAccount, newOrder, renewalInfo);
    }
}
