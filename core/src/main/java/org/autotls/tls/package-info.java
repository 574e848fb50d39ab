/**
 * Serving: choosing the certificate of a handshake by SNI, and answering {@code acme-tls/1} on the port that serves. Reads
 * one immutable in-memory snapshot; has no path to a store, a lock or a socket.
 */
@NullMarked
package org.autotls.tls;

import org.jspecify.annotations.NullMarked;
