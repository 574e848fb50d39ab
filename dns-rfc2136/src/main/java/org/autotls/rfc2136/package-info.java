/** TXT values for dns-01 by dynamic DNS updates (RFC 2136) with TSIG (RFC 8945), and the DNS queries that dns-01 needs. */
@NullMarked
package org.autotls.rfc2136;

import org.jspecify.annotations.NullMarked;
