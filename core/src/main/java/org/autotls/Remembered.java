package org.autotls;

/**
 * What a service keeps in its {@link StateStore}, so that neither a restart nor another node forgets it.
 *
 * @param leases which process works on a subject
 * @param attempts what failed, how often, and when it is tried again
 * @param renewals who issued a certificate, and when they want it renewed
 * @param leftovers what orders published and could not undo
 */
record Remembered(Leases leases, Attempts attempts, RenewalRecords renewals, Leftovers leftovers) {}
