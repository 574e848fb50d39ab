package org.autotls.acme;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.autotls.Identifier;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.internal.Certificates;
import org.autotls.internal.Pem;

/**
 * Reads and checks the chain that a CA returned (RFC 8555 §9.1) before anyone stores it. Whether the CA is trusted is not
 * looked at: that is for clients to say. Stateless.
 */
final class IssuedChain {

    /** JSSE clients give up on longer chains. */
    private static final int MAX_CERTIFICATES = 10;

    private static final int MAX_CHARACTERS = 100_000;
    private static final int MIN_RSA_BITS = 2048;
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USE = "2.5.29.37.0";

    /** RFC 7633; "must-staple". */
    private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";

    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    private IssuedChain() {}

    /**
     * Reads PEM.
     *
     * @throws IllegalArgumentException if it is not 1 to 10 certificates and nothing else
     */
    static List<X509Certificate> parse(String pem) {
        if (pem.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(pem.length() + " characters; at most " + MAX_CHARACTERS);
        }
        List<Pem.Block> blocks = Pem.parse(pem);
        if (blocks.isEmpty() || blocks.size() > MAX_CERTIFICATES) {
            throw new IllegalArgumentException(
                    blocks.size() + " PEM blocks; expected 1 to " + MAX_CERTIFICATES + " certificates");
        }
        blocks.stream()
                .filter(block -> !block.type().equals(Certificates.TYPE))
                .findFirst()
                .ifPresent(block -> {
                    throw new IllegalArgumentException(
                            "a PEM block '" + Text.escape(block.type()) + "' among the certificates");
                });
        return blocks.stream().map(block -> Certificates.parse(block.content())).toList();
    }

    /**
     * Checks a chain.
     *
     * @param chain leaf first
     * @param subject what the leaf must be for, neither more nor less
     * @param key what the leaf must certify
     * @param now the present
     * @throws IllegalArgumentException naming what is wrong
     */
    static void check(List<X509Certificate> chain, Subject subject, PublicKey key, Instant now) {
        X509Certificate leaf = chain.get(0);
        if (!java.util.Arrays.equals(leaf.getPublicKey().getEncoded(), key.getEncoded())) {
            throw new IllegalArgumentException("the leaf certifies another key than ours");
        }
        Set<String> names = names(leaf);
        Set<String> wanted = new TreeSet<>();
        subject.identifiers().forEach(identifier -> wanted.add(identifier.value()));
        if (!names.equals(wanted)) {
            throw new IllegalArgumentException("the leaf is for " + Text.escape(names.toString(), 1000));
        }
        if (!leaf.getNotAfter().toInstant().isAfter(now)) {
            throw new IllegalArgumentException(
                    "the leaf expired at " + leaf.getNotAfter().toInstant());
        }
        checkUse(leaf);
        for (int i = 1; i < chain.size(); i++) {
            checkCertifies(chain.get(i), chain.get(i - 1), i);
        }
    }

    /**
     * Leaves out a root that has expired, which helps no client; tells of what is left that some clients may refuse.
     *
     * @param chain one that was checked
     * @param warn called with each thing to know
     */
    static List<X509Certificate> usable(List<X509Certificate> chain, Instant now, Consumer<String> warn) {
        int last = chain.size() - 1;
        X509Certificate end = chain.get(last);
        boolean root = last > 0 && end.getSubjectX500Principal().equals(end.getIssuerX500Principal());
        List<X509Certificate> used = root && isExpired(end, now) ? chain.subList(0, last) : chain;
        for (X509Certificate issuer : used.subList(1, used.size())) {
            String name = Text.escape(issuer.getSubjectX500Principal().getName());
            if (isExpired(issuer, now)) {
                warn.accept(name + " in the chain expired at "
                        + issuer.getNotAfter().toInstant());
            }
            if (issuer.getPublicKey() instanceof RSAPublicKey key
                    && key.getModulus().bitLength() < MIN_RSA_BITS) {
                warn.accept(
                        name + " in the chain has a key of " + key.getModulus().bitLength() + " bits");
            }
        }
        if (used.get(0).getExtensionValue(TLS_FEATURE) != null) {
            warn.accept("the leaf demands OCSP stapling, which was not asked for and is not done");
        }
        return used;
    }

    private static boolean isExpired(X509Certificate certificate, Instant now) {
        return !certificate.getNotAfter().toInstant().isAfter(now);
    }

    /** What no TLS client would take (RFC 5280 §4.2.1.12; RFC 9155 for SHA-1). */
    private static void checkUse(X509Certificate leaf) {
        String algorithm = leaf.getSigAlgName().toUpperCase(Locale.ROOT);
        if (algorithm.startsWith("SHA1") || algorithm.startsWith("MD")) {
            throw new IllegalArgumentException("the leaf is signed with " + Text.escape(algorithm));
        }
        try {
            List<String> uses = leaf.getExtendedKeyUsage();
            if (uses != null && !uses.contains(SERVER_AUTH) && !uses.contains(ANY_USE)) {
                throw new IllegalArgumentException("the leaf is not for servers, its uses are " + uses);
            }
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException("the leaf's extendedKeyUsage cannot be read", e);
        }
    }

    private static void checkCertifies(X509Certificate issuer, X509Certificate issued, int position) {
        String issuerName = issuer.getSubjectX500Principal().getName();
        if (issuer.getBasicConstraints() < 0) {
            throw new IllegalArgumentException(
                    "certificate " + (position + 1) + " of the chain, " + Text.escape(issuerName) + ", is not a CA's");
        }
        try {
            issued.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "certificate " + (position + 1) + " of the chain, " + Text.escape(issuerName)
                            + ", did not sign the one before it",
                    e);
        }
    }

    /** Every subjectAltName; one of another type than DNS and IP is shown as such, so that it is no match. */
    private static Set<String> names(X509Certificate leaf) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
            for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
                int type = (Integer) name.get(0);
                String value = String.valueOf(name.get(1)).toLowerCase(Locale.ROOT);
                names.add(type == SAN_IP || type == SAN_DNS ? canonical(value) : "type " + type + ":" + value);
            }
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException("the leaf's subjectAltName cannot be read", e);
        }
        return names;
    }

    private static String canonical(String value) {
        try {
            return Identifier.of(value).value();
        } catch (IllegalArgumentException e) {
            return value; // no name that we could have ordered, so no match
        }
    }
}
