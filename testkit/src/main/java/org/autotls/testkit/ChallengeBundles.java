package org.autotls.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates that answer tls-alpn-01 challenges (RFC 8737 §3), for tests of what serves them. Stateless. */
public final class ChallengeBundles {

    /** The extension acmeIdentifier. */
    public static final String ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

    private static final SecureRandom RANDOM = new SecureRandom();

    private ChallengeBundles() {}

    /**
     * Makes the answer to a challenge with a digest of zeros.
     *
     * @param keyType the kind of its key
     * @param name the DNS name to be proved
     * @return self-signed, with a critical acmeIdentifier
     */
    public static CertificateBundle of(KeyType keyType, String name) {
        KeyPair keys = keyType.generate(RANDOM);
        X500Principal subject = new X500Principal("CN=challenge");
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                subject,
                BigInteger.TWO,
                Date.from(Instant.parse("2020-01-01T00:00:00Z")),
                Date.from(Instant.parse("2099-01-01T00:00:00Z")),
                subject,
                keys.getPublic());
        try {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            builder.addExtension(
                    new ASN1ObjectIdentifier(ACME_IDENTIFIER), true, new DEROctetString(new byte[32]).getEncoded());
            String algorithm = keys.getPublic().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            return CertificateBundle.of(
                    keys.getPrivate(),
                    List.of(new JcaX509CertificateConverter()
                            .getCertificate(
                                    builder.build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate())))));
        } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
