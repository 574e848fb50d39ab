package org.autotls.tls;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;

/** The kinds of leaf keys that a client may be able to verify a signature of, or not (RFC 8446 §4.2.3). */
enum LeafKey {
    RSA,
    P256,
    P384,
    P521,
    ED25519,
    ED448,
    /** Unknown here; the TLS engine decides. */
    OTHER;

    static LeafKey of(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            return switch (ec.getParams().getCurve().getField().getFieldSize()) {
                case 256 -> P256;
                case 384 -> P384;
                case 521 -> P521;
                default -> OTHER;
            };
        }
        if (key instanceof EdECPublicKey ed) {
            return ed.getParams().getName().equals("Ed25519") ? ED25519 : ED448;
        }
        return key.getAlgorithm().equals("RSA") ? RSA : OTHER;
    }
}
