/**
 * Certificates that look after themselves: the issuing service and the interfaces it is built from.
 *
 * <p>The main path reads top to bottom: {@link org.autotls.IssuingService} decides that a subject is due, one {@code
 * Renewal} leases, issues and saves, and an {@link org.autotls.Issuer} (for ACME: {@code
 * org.autotls.acme.AcmeIssuer}) orders, proves control and downloads.
 *
 * <p>What stands around it:
 *
 * <ul>
 *   <li>when: {@link org.autotls.RenewalPolicy}, {@code RetrySchedule}, {@code Plan} (all subjects, and what is next for
 *       each), {@code Flights} (those under way), and the inquiries about {@link org.autotls.RenewalInformation};
 *   <li>what a restart must not forget: {@code Attempts}, {@code RenewalRecords}, {@code IssueJournal}, {@code Leftovers},
 *       {@code Leases};
 *   <li>what a CA allows: {@link org.autotls.OrderBudget} and {@link org.autotls.OrderLimits};
 *   <li>what others implement: {@link org.autotls.CertificateStore}, {@link org.autotls.StateStore}, {@link
 *       org.autotls.AccountKeyStore}, {@link org.autotls.Issuer}, {@link org.autotls.Responder}, {@link
 *       org.autotls.DnsRecords}, {@link org.autotls.DomainNames};
 *   <li>the façade that joins it with TLS: {@link org.autotls.AutoTls}, its builder and its assembly, and what carries
 *       changes from the store to the handshakes ({@code StoreWatch}, {@code ServedStore}, {@code IndexFeed}, {@code
 *       ServedCheck}).
 * </ul>
 */
@NullMarked
package org.autotls;

import org.jspecify.annotations.NullMarked;
