package org.autotls;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.autotls.internal.IpAddresses;
import org.autotls.internal.KeyPairs;

/**
 * A chain and the private key of its leaf: the unit that is stored and served. Immutable.
 *
 * <p><b>Secrets.</b> Holds a private key; {@link #privateKey} is the only way it leaves, and {@link #toString} does not
 * show it.
 */
public final class CertificateBundle {

    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    private final PrivateKey privateKey;
    private final List<X509Certificate> chain;
    private final String origin;

    private CertificateBundle(PrivateKey privateKey, List<X509Certificate> chain, String origin) {
        this.privateKey = privateKey;
        this.chain = chain;
        this.origin = origin;
    }

    /**
     * Joins a key with its chain.
     *
     * @param privateKey the leaf's private key
     * @param chain the leaf, then each certificate that certifies the one before; the root may be left out
     * @return a bundle whose key and leaf belong together
     * @throws IllegalArgumentException if the chain is empty or the key does not match the leaf
     */
    public static CertificateBundle of(PrivateKey privateKey, List<X509Certificate> chain) {
        List<X509Certificate> copy = List.copyOf(chain);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("the chain is empty; expected the leaf first");
        }
        if (!KeyPairs.belongTogether(privateKey, copy.get(0).getPublicKey())) {
            throw new IllegalArgumentException("the private key does not match the leaf "
                    + Text.escape(copy.get(0).getSubjectX500Principal().getName()) + ", serial "
                    + copy.get(0).getSerialNumber().toString(16));
        }
        return new CertificateBundle(privateKey, copy, "");
    }

    /**
     * Returns a bundle of the same key and another chain. Costs next to nothing, where {@link #of} proves anew that the key is
     * the leaf's.
     *
     * @param chain a leaf with the public key of this one, then each certificate that certifies the one before
     * @return a bundle whose key and leaf belong together, of the same origin
     * @throws IllegalArgumentException if the chain is empty or its leaf has another public key
     */
    public CertificateBundle withChain(List<X509Certificate> chain) {
        List<X509Certificate> copy = List.copyOf(chain);
        if (copy.isEmpty() || !copy.get(0).getPublicKey().equals(leaf().getPublicKey())) {
            throw new IllegalArgumentException("the chain does not begin with a leaf for the key of the leaf "
                    + Text.escape(leaf().getSubjectX500Principal().getName()) + ", serial " + serial());
        }
        return new CertificateBundle(privateKey, copy, origin);
    }

    /**
     * Returns the same bundle with a note of who issued it.
     *
     * @param issuer what the issuer calls itself, in its own form; enough for it to tell later that the bundle is its own
     * @return a bundle that differs in nothing else
     */
    public CertificateBundle withOrigin(String issuer) {
        return new CertificateBundle(privateKey, chain, issuer);
    }

    /**
     * Returns who issued it. Stores do not keep this; the issuing service does.
     *
     * @return what the issuer called itself; empty if it was read from a store, or the issuer did not say
     */
    public String origin() {
        return origin;
    }

    /**
     * Returns the private key; the one way it leaves this object.
     *
     * @return the leaf's private key
     */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /**
     * Returns the chain.
     *
     * @return the leaf first; unmodifiable
     */
    public List<X509Certificate> chain() {
        return chain;
    }

    /**
     * Returns the end-entity certificate.
     *
     * @return the first of {@link #chain}
     */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    /**
     * Returns when the leaf begins to be valid.
     *
     * @return the leaf's notBefore
     */
    public Instant notBefore() {
        return leaf().getNotBefore().toInstant();
    }

    /**
     * Returns when the leaf ends. Only the leaf counts: an intermediate that ends sooner is not this certificate's expiry.
     *
     * @return the leaf's notAfter
     */
    public Instant notAfter() {
        return leaf().getNotAfter().toInstant();
    }

    /**
     * Returns how long the leaf is valid in all.
     *
     * @return notAfter minus notBefore
     */
    public Duration lifetime() {
        return Duration.between(notBefore(), notAfter());
    }

    /**
     * Returns the leaf's serial number as people compare it.
     *
     * @return lower-case hexadecimal
     */
    public String serial() {
        return leaf().getSerialNumber().toString(16);
    }

    /**
     * Returns the identifiers in the leaf's subjectAltName (RFC 5280 §4.2.1.6). The common name is not looked at. A name
     * that could never be asked for by SNI (with an underscore, say) is left out.
     *
     * @return the identifiers, sorted; empty if the leaf has none
     */
    public List<Identifier> identifiers() {
        TreeSet<Identifier> found = new TreeSet<>();
        try {
            Collection<List<?>> names = leaf().getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                int type = (Integer) name.get(0);
                if (type == SAN_DNS || type == SAN_IP) {
                    add(found, type, String.valueOf(name.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return List.copyOf(found);
    }

    /**
     * Tells whether the key is of the algorithm that an alternate subject asks for.
     *
     * @param subject what is to be served
     * @return true for a primary subject
     */
    public boolean hasKeyFor(Subject subject) {
        return subject.keyAlgorithm()
                .map(algorithm -> algorithm.fits(privateKey))
                .orElse(true);
    }

    /**
     * Tells whether the leaf is good for every identifier of {@code subject}: by its own name, or by a wildcard that stands
     * for exactly one label (RFC 6125 §6.4.3).
     *
     * @param subject what is to be served
     * @return whether no identifier is left out
     */
    public boolean covers(Subject subject) {
        List<Identifier> names = identifiers();
        return subject.identifiers().stream().allMatch(wanted -> names.contains(wanted) || byWildcard(names, wanted));
    }

    private static boolean byWildcard(List<Identifier> names, Identifier wanted) {
        int dot = wanted.value().indexOf('.');
        return wanted.type() == Identifier.Type.DNS
                && !wanted.isWildcard()
                && dot > 0
                && names.stream()
                        .anyMatch(
                                name -> name.value().equals("*" + wanted.value().substring(dot)));
    }

    private static void add(Set<Identifier> found, int type, String value) {
        try {
            found.add(
                    type == SAN_IP
                            ? new Identifier(Identifier.Type.IP, IpAddresses.canonical(value))
                            : Identifier.of(value.toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            // A name that we cannot serve is not one of the names we serve.
            return;
        }
    }

    /** Shows names, serial and expiry; never the key. */
    @Override
    public String toString() {
        return "CertificateBundle[" + identifiers() + ", serial " + serial() + ", until " + notAfter() + "]";
    }
}
