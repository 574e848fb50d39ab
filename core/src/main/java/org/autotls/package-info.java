/**
 * Certificates that look after themselves: the issuing service and the interfaces it is built from.
 *
 * <p>The main path reads top to bottom: {@link org.autotls.IssuingService} decides that a subject is due, one {@code
 * Renewal} leases, issues and saves, and an {@link org.autotls.Issuer} (for ACME: {@code
 * org.autotls.acme.AcmeIssuer}) orders, proves control and downloads.
 */
@NullMarked
package org.autotls;

import org.jspecify.annotations.NullMarked;
