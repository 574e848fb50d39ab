package org.autotls.store;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.internal.Certificates;
import org.autotls.internal.Pem;
import org.autotls.internal.PrivateKeys;

/**
 * The text of a bundle: one private key, its leaf, then the chain, in PEM. txsni and HAProxy read what is written here:
 * PKCS#8, since an {@code EC PARAMETERS} block would count as a second key, and the leaf before its chain.
 *
 * <p>Read is whatever order and form of key other programs write. Stateless.
 */
final class BundleFile {

    /** The largest file that is read: many times what a CA sends. */
    static final int MAXIMUM = 1 << 20;

    /** More certificates than any chain has; each could cost a signature to try. */
    private static final int MOST_CERTIFICATES = 32;

    private static final String OLD_TYPE = "X509 CERTIFICATE";

    private BundleFile() {}

    static byte[] encode(CertificateBundle bundle) {
        String text = PrivateKeys.encode(bundle.privateKey()) + Certificates.encode(bundle.chain());
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a bundle. Text in another encoding between the blocks does not matter.
     *
     * @param signatures verifies that each certificate of the chain was signed by the next
     * @throws IllegalArgumentException saying what is wrong; never quotes key material
     */
    static CertificateBundle parse(byte[] content, ChainSignatures signatures) {
        String text = new String(content, StandardCharsets.UTF_8);
        if (text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IllegalArgumentException("the private key is encrypted; write it without a passphrase");
        }
        List<Pem.Block> blocks = Pem.parse(text);
        PrivateKey key = onlyKey(blocks);
        List<X509Certificate> certificates = certificates(blocks);
        return inOrder(leafFor(key, certificates), certificates, signatures);
    }

    private static PrivateKey onlyKey(List<Pem.Block> blocks) {
        List<Pem.Block> keys = blocks.stream()
                .filter(block -> block.type().endsWith(PrivateKeys.PKCS8))
                .toList();
        if (keys.size() != 1) {
            throw new IllegalArgumentException("it holds " + keys.size() + " private keys; expected one");
        }
        return PrivateKeys.parse(keys.get(0));
    }

    private static List<X509Certificate> certificates(List<Pem.Block> blocks) {
        LinkedHashSet<X509Certificate> found = new LinkedHashSet<>();
        for (Pem.Block block : blocks) {
            if (block.type().equals(Certificates.TYPE) || block.type().equals(OLD_TYPE)) {
                found.add(Certificates.parse(block.content()));
            }
            if (found.size() > MOST_CERTIFICATES) {
                throw new IllegalArgumentException("it holds more than " + MOST_CERTIFICATES + " certificates");
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("it holds no certificate");
        }
        return List.copyOf(found);
    }

    /** The certificate that the key belongs to; the newest, should an old one for the same key stand beside it. */
    private static CertificateBundle leafFor(PrivateKey key, List<X509Certificate> certificates) {
        for (X509Certificate certificate : certificates) {
            Optional<CertificateBundle> pair = pair(key, certificate);
            if (pair.isPresent()) {
                X509Certificate newest = certificates.stream()
                        .filter(other -> other.getPublicKey().equals(certificate.getPublicKey()))
                        .max(Comparator.comparing(X509Certificate::getNotBefore))
                        .orElse(certificate);
                return pair.get().withChain(List.of(newest));
            }
        }
        throw new IllegalArgumentException(
                "the private key matches none of the " + certificates.size() + " certificates");
    }

    /** The one place where key and leaf are proved to belong together. */
    private static Optional<CertificateBundle> pair(PrivateKey key, X509Certificate certificate) {
        if (key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())
                || key.getAlgorithm().startsWith("Ed")) {
            try {
                return Optional.of(CertificateBundle.of(key, List.of(certificate)));
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // not this one
            }
        }
        return Optional.empty();
    }

    /** Follows the issuers from the leaf on; a certificate that is no part of the chain is left out. */
    private static CertificateBundle inOrder(
            CertificateBundle bundle, List<X509Certificate> certificates, ChainSignatures signatures) {
        List<X509Certificate> chain = new ArrayList<>(bundle.chain());
        List<X509Certificate> others = new ArrayList<>(certificates);
        others.remove(bundle.leaf());
        X509Certificate last = bundle.leaf();
        while (!last.getIssuerX500Principal().equals(last.getSubjectX500Principal())) {
            X509Certificate below = last;
            List<X509Certificate> named = others.stream()
                    .filter(other -> other.getSubjectX500Principal().equals(below.getIssuerX500Principal()))
                    .toList();
            if (named.isEmpty()) {
                break; // the root is usually left out
            }
            last = named.stream()
                    .filter(issuer -> signatures.signed(issuer, below))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "certificate " + (chain.size() + 1) + " of the chain did not sign the one before"));
            chain.add(last);
            others.remove(last);
        }
        return bundle.withChain(chain);
    }
}
