package org.autotls.tls;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;

/**
 * Collects what one ClientHello says about signatures, and tells which keys of a leaf do for it, in whichever version the
 * server goes on:
 *
 * <ul>
 *   <li>TLS 1.3, if it is offered: a scheme of the key is among signature_algorithms (RFC 8446 §4.2.3). RSA needs PSS.
 *   <li>TLS 1.2, if it is offered with a cipher suite of ours: a suite of the key's kind (RFC 8422 §2), a scheme of it unless
 *       the client named none (RFC 5246 §7.4.1.4.1), and its curve, unless the client named none (RFC 8422 §5.1).
 * </ul>
 *
 * <p>A client that could use a key in one of its versions only is thus given another key if there is one. SHA-1 does not
 * count. One use, one thread.
 */
final class SignatureOffer {

    private final Set<LeafKey> ecdheSuites = EnumSet.noneOf(LeafKey.class);
    private final Set<LeafKey> schemes13 = EnumSet.noneOf(LeafKey.class);
    private final Set<LeafKey> schemes12 = EnumSet.noneOf(LeafKey.class);
    private final Set<LeafKey> curves = EnumSet.of(LeafKey.RSA, LeafKey.ED25519, LeafKey.ED448);
    private boolean namesSchemes;
    private boolean namesCurves;
    private boolean tls13;
    private boolean tls12 = true;

    /** Those of {@link TlsDefaults}; others are off. */
    void cipherSuite(int suite) {
        switch (suite) {
            case 0xc02b, 0xc02c, 0xcca9 -> ecdheSuites.addAll(EnumSet.range(LeafKey.P256, LeafKey.ED448));
            case 0xc02f, 0xc030, 0xcca8 -> ecdheSuites.add(LeafKey.RSA);
            default -> {}
        }
    }

    /** The client sent supported_versions. */
    void versions(boolean offersTls13, boolean offersTls12) {
        tls13 = offersTls13;
        tls12 = offersTls12;
    }

    /** The body of signature_algorithms, without its length. */
    void schemes(ByteBuffer list) {
        namesSchemes = true;
        while (list.hasRemaining()) {
            switch (list.getShort()) {
                case 0x0401, 0x0501, 0x0601 -> schemes12.add(LeafKey.RSA);
                case 0x0804, 0x0805, 0x0806 -> scheme(LeafKey.RSA);
                case 0x0403 -> scheme(LeafKey.P256);
                case 0x0503 -> scheme(LeafKey.P384);
                case 0x0603 -> scheme(LeafKey.P521);
                case 0x0807 -> scheme(LeafKey.ED25519);
                case 0x0808 -> scheme(LeafKey.ED448);
                default -> {}
            }
        }
    }

    private void scheme(LeafKey key) {
        schemes13.add(key);
        schemes12.add(key);
    }

    /** The body of supported_groups, without its length. */
    void groups(ByteBuffer list) {
        namesCurves = true;
        while (list.hasRemaining()) {
            switch (list.getShort()) {
                case 23 -> curves.add(LeafKey.P256);
                case 24 -> curves.add(LeafKey.P384);
                case 25 -> curves.add(LeafKey.P521);
                default -> {}
            }
        }
    }

    /** Returns the keys that do; empty if no version is offered in which any would. */
    Set<LeafKey> keys() {
        boolean with12 = tls12 && !ecdheSuites.isEmpty();
        Set<LeafKey> keys = EnumSet.noneOf(LeafKey.class);
        if (tls13 || with12) {
            keys.addAll(EnumSet.allOf(LeafKey.class));
        }
        if (tls13) {
            keys.retainAll(schemes13);
        }
        if (with12) {
            keys.retainAll(ecdheSuites);
            if (namesSchemes) {
                keys.retainAll(schemes12);
            }
            if (namesCurves) {
                keys.retainAll(curves);
            }
        }
        return keys;
    }
}
