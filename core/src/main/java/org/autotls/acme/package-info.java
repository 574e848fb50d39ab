/**
 * Certificates from any ACME CA (RFC 8555): {@link org.autotls.acme.AcmeIssuer} over an asynchronous client of its own.
 * Knows nothing of stores or servers.
 */
@NullMarked
package org.autotls.acme;

import org.jspecify.annotations.NullMarked;
