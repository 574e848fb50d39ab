package org.autotls.tls;

import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.autotls.CertificateBundle;

/** What a connection gets, decided from its ClientHello alone. */
public sealed interface HandshakeDecision {

    /**
     * The connection is refused: the alert is sent in the clear, and the connection closed.
     *
     * @param alert what to answer
     * @param reason one harmless line for a log
     */
    record Refuse(TlsAlert alert, String reason) implements HandshakeDecision {}

    /**
     * The connection is a CA's validation of a pending challenge: the handshake is done with its certificate, and the
     * connection closed (RFC 8737 §3). The application never sees it.
     *
     * @param answer the challenge's certificate
     */
    record Answer(CertificateBundle answer) implements HandshakeDecision {

        /**
         * Makes the engine for this one connection.
         *
         * @return in server mode, with {@code acme-tls/1} as its only protocol; its sessions can be resumed nowhere
         */
        public SSLEngine engine() {
            return SingleUseEngines.forChallenge(answer);
        }
    }

    /** The connection is served with one entry of the index. Immutable. */
    final class Serve implements HandshakeDecision {

        private final PinnedEntry pinned;
        private final boolean named;

        Serve(Optional<String> serverName, IndexEntry entry) {
            this.pinned = new PinnedEntry(serverName, entry);
            this.named = serverName.isPresent();
        }

        /**
         * Returns what is served.
         *
         * @return the entry of the snapshot from which the decision was made
         */
        public IndexEntry entry() {
            return pinned.entry();
        }

        /**
         * Tells whether the client sent a server name. If not, its session must not be resumable: there is no name that it
         * could be bound to.
         *
         * @return whether a name was sent
         */
        public boolean isNamed() {
            return named;
        }

        /**
         * Makes the engine serve this entry and accept no other server name. Its key manager must be a {@link
         * SniKeyManager}. Replaces the engine's SNI matchers.
         *
         * @param engine in server mode, before its handshake
         */
        public void pinTo(SSLEngine engine) {
            pinned.pinTo(engine);
        }
    }
}
