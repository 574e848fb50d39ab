package org.autotls.testkit;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.autotls.CertificateBundle;
import org.autotls.Identifier;
import org.autotls.KeyType;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A CA for tests that makes certificates in memory: a root, and leaves for any names and any span of time. No key or
 * certificate is ever checked in, so none expires.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class TestCa {

    private static final Duration ROOT_LIFETIME = Duration.ofDays(36500);

    private final SecureRandom random = new SecureRandom();
    private final AtomicLong serial = new AtomicLong(1000);
    private final KeyPair keys = KeyType.EC_P256.generate(random);
    private final X509Certificate root;

    /** Makes a CA with a new root, valid for a century around the present. */
    public TestCa() {
        this("autotls test root");
    }

    /**
     * Makes a CA with a new root of that name, valid for a century around the present.
     *
     * @param commonName the root's name
     */
    public TestCa(String commonName) {
        X500Principal name = new X500Principal("CN=" + commonName);
        this.root = signRoot(name, name, keys);
    }

    /**
     * Certifies the key of another CA, so that what it issues has a second chain, to this root.
     *
     * @param other whose key is certified
     * @return a CA certificate of the other's name, issued by this root
     */
    public X509Certificate crossSign(TestCa other) {
        return signRoot(root.getSubjectX500Principal(), other.root.getSubjectX500Principal(), other.keys);
    }

    private X509Certificate signRoot(X500Principal issuer, X500Principal subject, KeyPair certified) {
        Instant from = Instant.parse("2000-01-01T00:00:00Z");
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.valueOf(serial.incrementAndGet()),
                Date.from(from),
                Date.from(from.plus(ROOT_LIFETIME)),
                subject,
                certified.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return sign(builder, keys.getPrivate());
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns the root, which clients trust.
     *
     * @return self-signed
     */
    public X509Certificate root() {
        return root;
    }

    /**
     * Returns the root's key, for tests that sign what a sound CA would not.
     *
     * @return the signing key
     */
    public PrivateKey rootKey() {
        return keys.getPrivate();
    }

    /**
     * Issues a bundle with a new P-256 key.
     *
     * @param notBefore when the leaf begins to be valid
     * @param lifetime how long it is valid
     * @param names DNS names or IP addresses; no name at all makes a leaf without subjectAltName
     * @return key, leaf and root
     */
    public CertificateBundle issue(Instant notBefore, Duration lifetime, String... names) {
        return issue(KeyType.EC_P256, notBefore, lifetime, names);
    }

    /**
     * Issues a bundle with a new key.
     *
     * @param keyType the kind of key
     * @param notBefore when the leaf begins to be valid
     * @param lifetime how long it is valid
     * @param names DNS names or IP addresses
     * @return key, leaf and root
     */
    public CertificateBundle issue(KeyType keyType, Instant notBefore, Duration lifetime, String... names) {
        KeyPair pair = keyType.generate(random);
        X509Certificate leaf = certify(pair.getPublic(), notBefore, lifetime, names);
        return CertificateBundle.of(pair.getPrivate(), List.of(leaf, root));
    }

    /**
     * Signs a leaf for a key.
     *
     * @param key the key to certify
     * @param notBefore when the leaf begins to be valid
     * @param lifetime how long it is valid
     * @param names DNS names or IP addresses
     * @return the leaf
     */
    public X509Certificate certify(PublicKey key, Instant notBefore, Duration lifetime, String... names) {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                root.getSubjectX500Principal(),
                BigInteger.valueOf(serial.incrementAndGet()),
                Date.from(notBefore),
                Date.from(notBefore.plus(lifetime)),
                new X500Principal(""),
                key);
        List<GeneralName> general = new ArrayList<>();
        for (String name : names) {
            Identifier identifier = Identifier.of(name);
            general.add(new GeneralName(
                    identifier.type() == Identifier.Type.IP ? GeneralName.iPAddress : GeneralName.dNSName,
                    identifier.value()));
        }
        try {
            if (!general.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, true, new GeneralNames(general.toArray(new GeneralName[0])));
            }
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
        } catch (CertIOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        return sign(builder, keys.getPrivate());
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
