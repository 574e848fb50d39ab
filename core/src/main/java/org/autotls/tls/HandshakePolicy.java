package org.autotls.tls;

import java.util.Optional;
import org.autotls.Text;

/**
 * Decides what a connection gets. The one place where server name, protocols, index and challenges meet, for all engines.
 *
 * <p><b>Threads.</b> Safe for many threads; reads one snapshot, takes no lock, does no I/O, never throws.
 */
public final class HandshakePolicy {

    private static final int LOGGED_NAME = 100;

    private final LiveIndex index;
    private final ChallengeCertificates challenges;

    /**
     * Makes a policy.
     *
     * @param index what is served
     * @param challenges what is being proved
     */
    public HandshakePolicy(LiveIndex index, ChallengeCertificates challenges) {
        this.index = index;
        this.challenges = challenges;
    }

    /**
     * Decides for a connection whose local address is not known.
     *
     * @param hello what the client sent
     * @return the decision, as {@link #decide(ClientHello, String)} without its step 3
     */
    public HandshakeDecision decide(ClientHello hello) {
        return decide(hello, "");
    }

    /**
     * Decides.
     *
     * <ol>
     *   <li>A client that offers {@code acme-tls/1} and nothing else gets the certificate of the challenge pending for its
     *       server name; if none is, {@code no_application_protocol}, never an ordinary certificate (RFC 8737 §5).
     *   <li>A client that sends a server name gets the entry for it, else {@code unrecognized_name} (RFC 6066 §3). If there are
     *       entries with different kinds of keys, it gets one that it can use ({@link ClientHello#accepts}), ECDSA before RSA.
     *   <li>A client that sends none gets the entry for the address it connected to (RFC 8738);
     *   <li>else the fallback;
     *   <li>else {@code missing_extension} if it knows TLS 1.3 (RFC 8446 §9.2), {@code handshake_failure} if not.
     * </ol>
     *
     * @param hello what the client sent
     * @param localAddress what the client connected to, in canonical text form: the local end of the connection, or what a
     *     load balancer says
     * @return what to do
     */
    public HandshakeDecision decide(ClientHello hello, String localAddress) {
        if (hello.isValidation()) {
            return hello.serverName()
                    .flatMap(name -> challenges.find(name, hello::accepts))
                    .<HandshakeDecision>map(HandshakeDecision.Answer::new)
                    .orElseGet(() -> refuse(TlsAlert.NO_APPLICATION_PROTOCOL, "no challenge is pending", hello));
        }
        CertificateIndex snapshot = index.current();
        if (hello.rawServerName().isPresent()) {
            return serve(hello, hello.serverName().flatMap(name -> snapshot.findNormalised(name, hello::accepts)))
                    .orElseGet(() -> refuse(TlsAlert.UNRECOGNIZED_NAME, "the server name is not served here", hello));
        }
        return serve(hello, snapshot.findAddress(localAddress, hello::accepts).or(snapshot::fallback))
                .orElseGet(() -> refuse(
                        hello.offersTls13() ? TlsAlert.MISSING_EXTENSION : TlsAlert.HANDSHAKE_FAILURE,
                        "no server name was sent, and there is no default certificate",
                        hello));
    }

    private static Optional<HandshakeDecision> serve(ClientHello hello, Optional<IndexEntry> entry) {
        return entry.map(found -> new HandshakeDecision.Serve(hello.serverName(), found));
    }

    private static HandshakeDecision refuse(TlsAlert alert, String why, ClientHello hello) {
        String name = hello.rawServerName()
                .map(raw -> ", server name '" + Text.escape(raw, LOGGED_NAME) + "'")
                .orElse("");
        return new HandshakeDecision.Refuse(alert, why + name);
    }
}
