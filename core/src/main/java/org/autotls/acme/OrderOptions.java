package org.autotls.acme;

import org.autotls.OrderBudget;

/**
 * What holds for each order. Immutable.
 *
 * @param profile the certificate profile
 * @param preferredRoot the common name of the root that the chain should end at; empty for no wish
 * @param budget what counts orders
 * @param renewalsExempt whether the CA does not count orders that name what they replace (RFC 9773 §5)
 */
record OrderOptions(ProfileChoice profile, String preferredRoot, OrderBudget budget, boolean renewalsExempt) {}
