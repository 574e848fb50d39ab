package org.autotls.ca;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;
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
 * The three kinds of certificate of the embedded CA, as RFC 5280 profiles them: P-256 signatures, random serial numbers of
 * 128 bits, no pointers to anything that would have to be fetched. Threads: safe for many.
 */
final class Signing {

    private static final int SERIAL_BITS = 128;

    private final SecureRandom random;

    Signing(SecureRandom random) {
        this.random = random;
    }

    CertificateAuthority root(Instant from, Instant until) {
        return root(KeyType.EC_P256.generate(random), new X500Principal("CN=autotls local root " + tag()), from, until);
    }

    /** The same root at other times: who trusts either certificate verifies what the key has signed, or will sign. */
    CertificateAuthority dated(CertificateAuthority root, Instant from, Instant until) {
        KeyPair pair = new KeyPair(root.certificate().getPublicKey(), root.key());
        return root(pair, root.certificate().getSubjectX500Principal(), from, until);
    }

    /** A root may certify one level of intermediates, which is all it is for (RFC 5280 §4.2.1.9). */
    private CertificateAuthority root(KeyPair pair, X500Principal name, Instant from, Instant until) {
        JcaX509v3CertificateBuilder builder = builder(name, from, until, name, pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(1));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions().createSubjectKeyIdentifier(pair.getPublic()));
            return CertificateAuthority.of(pair, sign(builder, pair.getPrivate()));
        } catch (CertIOException e) {
            throw impossible(e);
        }
    }

    /** An intermediate may certify servers only, and no further CA. */
    CertificateAuthority intermediate(CertificateAuthority root, Instant from, Instant until) {
        KeyPair pair = KeyType.EC_P256.generate(random);
        X500Principal name = new X500Principal("CN=autotls local intermediate " + tag());
        JcaX509v3CertificateBuilder builder =
                builder(root.certificate().getSubjectX500Principal(), from, until, name, pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            addCommon(builder, root, pair.getPublic());
            return CertificateAuthority.of(pair, sign(builder, root.key()));
        } catch (CertIOException e) {
            throw impossible(e);
        }
    }

    /** A leaf's only names are in its subjectAltName, critical since the subject is empty (RFC 5280 §4.2.1.6). */
    X509Certificate leaf(
            CertificateAuthority issuer,
            Instant from,
            Instant until,
            Collection<Identifier> identifiers,
            PublicKey key) {
        JcaX509v3CertificateBuilder builder =
                builder(issuer.certificate().getSubjectX500Principal(), from, until, new X500Principal(""), key);
        GeneralName[] names = identifiers.stream()
                .map(identifier -> new GeneralName(
                        identifier.type() == Identifier.Type.IP ? GeneralName.iPAddress : GeneralName.dNSName,
                        identifier.value()))
                .toArray(GeneralName[]::new);
        try {
            builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            addCommon(builder, issuer, key);
            return sign(builder, issuer.key());
        } catch (CertIOException e) {
            throw impossible(e);
        }
    }

    private static void addCommon(JcaX509v3CertificateBuilder builder, CertificateAuthority issuer, PublicKey key)
            throws CertIOException {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectKeyIdentifier, false, extensions().createSubjectKeyIdentifier(key));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                extensions().createAuthorityKeyIdentifier(issuer.certificate().getPublicKey()));
    }

    private JcaX509v3CertificateBuilder builder(
            X500Principal issuer, Instant from, Instant until, X500Principal name, PublicKey key) {
        return new JcaX509v3CertificateBuilder(issuer, serial(), Date.from(from), Date.from(until), name, key);
    }

    /** Positive, and never zero (RFC 5280 §4.1.2.2). */
    private BigInteger serial() {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    /** Tells the roots of two machines apart in a list of trusted CAs. */
    private String tag() {
        byte[] bytes = new byte[4];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                            .setSecureRandom(random)
                            .build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    private static JcaX509ExtensionUtils extensions() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    private static IllegalStateException impossible(Exception cause) {
        return new IllegalStateException("a certificate of known form could not be made", cause);
    }
}
