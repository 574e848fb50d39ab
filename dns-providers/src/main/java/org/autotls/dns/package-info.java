/**
 * TXT values for dns-01 over the HTTP APIs of DNS providers. Each was tested against a recorded fake that checks requests,
 * and not against the live service.
 *
 * <p>Three shapes of API, each with its algorithm in one place: {@code RecordByRecord} where single records are added and
 * deleted, {@code WholeSet} where the values of a name are replaced together, and Hetzner's and acme-dns's own.
 */
@NullMarked
package org.autotls.dns;

import org.jspecify.annotations.NullMarked;
