package org.autotls.doctor;

import org.autotls.responder.TlsAlpn01Responder;

/** Opens the port that tls-alpn-01 would be answered on, for the server that one has. */
@FunctionalInterface
public interface TlsPort {

    /**
     * Listens.
     *
     * @param responder what answers
     * @return closes the port
     * @throws RuntimeException if that cannot be done; its message, or that of a cause, has the system's words for it
     */
    AutoCloseable open(TlsAlpn01Responder responder);
}
