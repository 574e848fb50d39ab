package org.autotls.acme;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.autotls.testkit.TestCa;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates that no sound CA makes, or none any more. Stateless. */
final class OddCertificates {

    private static final Duration LIFE = Duration.ofDays(90);
    private static final ASN1ObjectIdentifier TLS_FEATURE = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24");
    private static final int STATUS_REQUEST = 5;

    private OddCertificates() {}

    /** A leaf for a.example, signed with the CA's EC key. */
    static X509Certificate leaf(TestCa ca, PublicKey key, KeyPurposeId use, String algorithm, boolean mustStaple) {
        Instant from = Instant.now().minusSeconds(60);
        JcaX509v3CertificateBuilder builder =
                builder(ca.root().getSubjectX500Principal(), new X500Principal(""), key, from, from.plus(LIFE));
        try {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    true,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, "a.example")));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            if (mustStaple) {
                ASN1EncodableVector features = new ASN1EncodableVector();
                features.add(new ASN1Integer(STATUS_REQUEST));
                builder.addExtension(TLS_FEATURE, false, new DERSequence(features));
            }
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
        return sign(builder, algorithm, ca.rootKey());
    }

    /** The CA's root again, with the same key and name, and an end that is long past. */
    static X509Certificate expiredRoot(TestCa ca) {
        X500Principal name = ca.root().getSubjectX500Principal();
        return ca(ca, name, ca.root().getPublicKey(), Instant.parse("2010-01-01T00:00:00Z"));
    }

    /** What certifies the CA's key in the name of another one, with an end that is long past. */
    static X509Certificate expiredCrossSign(TestCa ca, TestCa other) {
        JcaX509v3CertificateBuilder builder = builder(
                other.root().getSubjectX500Principal(),
                ca.root().getSubjectX500Principal(),
                ca.root().getPublicKey(),
                Instant.parse("2000-01-01T00:00:00Z"),
                Instant.parse("2021-09-30T14:01:15Z"));
        return signCa(builder, other);
    }

    /** A CA certificate for any key, signed by the CA's. */
    static X509Certificate intermediate(TestCa ca, KeyPair keys) {
        return ca(ca, new X500Principal("CN=weak"), keys.getPublic(), Instant.parse("2090-01-01T00:00:00Z"));
    }

    private static X509Certificate ca(TestCa ca, X500Principal subject, PublicKey key, Instant until) {
        return signCa(
                builder(
                        ca.root().getSubjectX500Principal(),
                        subject,
                        key,
                        Instant.parse("2000-01-01T00:00:00Z"),
                        until),
                ca);
    }

    private static X509Certificate signCa(JcaX509v3CertificateBuilder builder, TestCa ca) {
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
        return sign(builder, "SHA256withECDSA", ca.rootKey());
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, PublicKey key, Instant from, Instant until) {
        return new JcaX509v3CertificateBuilder(
                issuer, BigInteger.valueOf(4711), Date.from(from), Date.from(until), subject, key);
    }

    private static X509Certificate sign(
            JcaX509v3CertificateBuilder builder, String algorithm, java.security.PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
