package org.autotls.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.autotls.CertificateBundle;
import org.autotls.Identifier;
import org.jspecify.annotations.Nullable;

/**
 * One bundle as handshakes use it, under an alias that no other generation of any bundle ever has. Immutable: an alias
 * stands for one key and one chain for ever, so the separate questions that a TLS engine asks cannot be answered from two
 * bundles.
 */
public final class IndexEntry {

    /** The extension that marks the certificate of a challenge (RFC 8737 §3). */
    private static final String ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

    private final String alias;
    private final CertificateBundle bundle;
    private final List<Identifier> identifiers;
    private final LeafKey leafKey;
    private final X509Certificate[] chain;

    /**
     * Prepares a bundle for serving.
     *
     * @throws IllegalArgumentException if the leaf is the answer to a challenge: whoever could place such a one here could
     *     prove control of names to a CA
     */
    IndexEntry(String alias, CertificateBundle bundle) {
        X509Certificate leaf = bundle.leaf();
        if (carries(leaf.getCriticalExtensionOIDs()) || carries(leaf.getNonCriticalExtensionOIDs())) {
            throw new IllegalArgumentException("the certificate with serial " + bundle.serial() + " for "
                    + bundle.identifiers()
                    + " carries acmeIdentifier (RFC 8737 §3): it answers a challenge and must not be served as an"
                    + " ordinary one");
        }
        this.alias = alias;
        this.bundle = bundle;
        this.identifiers = bundle.identifiers();
        this.leafKey = LeafKey.of(leaf.getPublicKey());
        this.chain = bundle.chain().toArray(new X509Certificate[0]);
    }

    /**
     * Returns the alias.
     *
     * @return unique for the life of the {@link LiveIndex} it comes from
     */
    public String alias() {
        return alias;
    }

    /**
     * Returns what is served.
     *
     * @return the same instance for the life of the entry
     */
    public CertificateBundle bundle() {
        return bundle;
    }

    /**
     * Returns the names and addresses of the leaf.
     *
     * @return read once; unmodifiable
     */
    List<Identifier> identifiers() {
        return identifiers;
    }

    /** Returns what kind of key a client has to know. */
    LeafKey leafKey() {
        return leafKey;
    }

    /** Returns a copy of the array, since JDK 25 writes into it; the certificates are always the same instances. */
    X509Certificate[] chain() {
        return chain.clone();
    }

    PrivateKey privateKey() {
        return bundle.privateKey();
    }

    /**
     * Tells whether the key is of the kind that a TLS engine asks for.
     *
     * @param keyType {@code EC}, {@code RSA}, {@code EdDSA} and more, as {@link javax.net.ssl.X509KeyManager} has them
     * @return whether this entry can serve
     */
    boolean fits(String keyType) {
        return fits(privateKey(), keyType);
    }

    static boolean fits(PrivateKey key, String keyType) {
        String algorithm = key.getAlgorithm();
        return keyType.equals(algorithm) || (keyType.equals("EdDSA") && algorithm.startsWith("Ed"));
    }

    boolean serves(CertificateBundle other) {
        return bundle == other
                || (bundle.privateKey().equals(other.privateKey())
                        && bundle.chain().equals(other.chain()));
    }

    @Override
    public String toString() {
        return alias;
    }

    private static boolean carries(@Nullable Collection<String> oids) {
        return oids != null && oids.contains(ACME_IDENTIFIER);
    }
}
