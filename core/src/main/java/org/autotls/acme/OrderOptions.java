package org.autotls.acme;

/**
 * What a user may wish for each order. Immutable.
 *
 * @param profile the certificate profile
 * @param preferredRoot the common name of the root that the chain should end at; empty for no wish
 */
record OrderOptions(ProfileChoice profile, String preferredRoot) {}
