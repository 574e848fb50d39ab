package org.autotls.tls;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.autotls.CertificateBundle;

/**
 * What the choice of a certificate needs of a ClientHello (RFC 8446 §4.1.2): the server name, the application protocols,
 * which keys the client can verify, and what else decides who can serve it and how. Immutable. {@link ClientHelloReader}
 * makes it.
 */
public final class ClientHello {

    /** The protocol name of a validation connection (RFC 8737 §3). */
    public static final String ACME_TLS_1 = "acme-tls/1";

    private final Optional<String> rawServerName;
    private final Optional<String> serverName;
    private final List<String> applicationProtocols;
    private final boolean offersTls13;
    private final boolean takesTickets;
    private final Set<LeafKey> keys;
    private final int length;

    ClientHello(
            Optional<String> rawServerName,
            List<String> applicationProtocols,
            boolean offersTls13,
            boolean takesTickets,
            Set<LeafKey> keys,
            int length) {
        this.rawServerName = rawServerName;
        this.serverName = rawServerName.flatMap(ServerName::normalise);
        this.applicationProtocols = List.copyOf(applicationProtocols);
        this.offersTls13 = offersTls13;
        this.takesTickets = takesTickets;
        this.keys = keys;
        this.length = length;
    }

    /**
     * Returns the server name.
     *
     * @return in lower-case ASCII; empty if the client sent none, or one that is no name
     */
    public Optional<String> serverName() {
        return serverName;
    }

    /**
     * Returns the server name as it was sent, to be told apart from none at all; not fit for a lookup or a log as it is.
     *
     * @return up to 65,535 characters, one for each byte; empty if the client sent none
     */
    public Optional<String> rawServerName() {
        return rawServerName;
    }

    /**
     * Returns the application protocols that the client offers (RFC 7301), in its order.
     *
     * @return one character for each byte; empty if it does not offer any; unmodifiable
     */
    public List<String> applicationProtocols() {
        return applicationProtocols;
    }

    /**
     * Tells whether this opens a validation connection: one that offers {@code acme-tls/1} and nothing else (RFC 8737 §3).
     *
     * @return whether a pending challenge is to be answered
     */
    public boolean isValidation() {
        return applicationProtocols.size() == 1 && applicationProtocols.get(0).equals(ACME_TLS_1);
    }

    /**
     * Tells whether the client knows TLS 1.3 (RFC 8446 §4.2.1).
     *
     * @return whether 0x0304 is among its supported versions
     */
    public boolean offersTls13() {
        return offersTls13;
    }

    /**
     * Tells whether the client takes session tickets before TLS 1.3 (RFC 5077 §3.2). One that does not can be resumed only
     * from sessions that the server remembers.
     *
     * @return whether it sent the extension
     */
    public boolean takesTickets() {
        return takesTickets;
    }

    /**
     * Tells whether the client can verify what the key of an entry signs, by its signature algorithms (RFC 8446 §4.2.3) and,
     * for TLS 1.2, its cipher suites and curves.
     *
     * @param entry what might be served
     * @return true for all versions of TLS that the client offers, or false; also false if there is none of ours
     */
    public boolean accepts(IndexEntry entry) {
        return keys.contains(entry.leafKey());
    }

    /**
     * Tells the same of the certificate that answers a challenge.
     *
     * @param answer what might be shown
     * @return whether the validator can verify what its key signs
     */
    public boolean accepts(CertificateBundle answer) {
        return keys.contains(LeafKey.of(answer.leaf().getPublicKey()));
    }

    /**
     * Returns how long the message is.
     *
     * @return bytes, with its 4-byte header and without those of records
     */
    public int length() {
        return length;
    }
}
