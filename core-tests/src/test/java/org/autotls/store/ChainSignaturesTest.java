package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.autotls.KeyType;
import org.autotls.internal.Certificates;
import org.autotls.testkit.TestCa;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainSignaturesTest {

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ChainSignatures signatures = new ChainSignatures();

    private static X509Certificate sign(String algorithm, KeyPair by, KeyPair certified, boolean ca) throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Principal("CN=issuer"),
                new BigInteger(64, RANDOM),
                Date.from(FROM),
                Date.from(FROM.plusSeconds(86400)),
                new X500Principal(ca ? "CN=issuer" : "CN=leaf"),
                certified.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(by.getPrivate())));
    }

    @ParameterizedTest
    @CsvSource({
        "EC_P256, SHA256withECDSA",
        "EC_P256, SHA512withECDSA",
        "EC_P384, SHA384withECDSA",
        "EC_P384, SHA1withECDSA",
        "RSA_2048, SHA256withRSA"
    })
    void signed_isTrueOfTheOneThatSignedOnly(KeyType type, String algorithm) throws Exception {
        KeyPair keys = type.generate(RANDOM);
        X509Certificate issuer = sign(algorithm, keys, keys, true);
        KeyPair others = type.generate(RANDOM);
        X509Certificate other = sign(algorithm, others, others, true);
        for (int i = 0; i < 2; i++) { // the second time with what was kept of the first
            for (boolean ca : new boolean[] {false, true}) {
                X509Certificate signed = sign(algorithm, keys, others, ca);
                assertThat(signatures.signed(issuer, signed)).isTrue();
                assertThat(signatures.signed(issuer, signed)).isTrue();
                assertThat(signatures.signed(other, signed)).isFalse();
                assertThat(signatures.signed(other, signed)).isFalse();
            }
        }
    }

    @Test
    void signed_anyBitOfTheSignatureChanged_isFalse() throws Exception {
        KeyPair keys = KeyType.EC_P256.generate(RANDOM);
        X509Certificate issuer = sign("SHA256withECDSA", keys, keys, true);
        X509Certificate leaf = sign("SHA256withECDSA", keys, KeyType.EC_P256.generate(RANDOM), false);
        byte[] whole = leaf.getEncoded();
        assertThat(signatures.signed(issuer, leaf)).isTrue();
        int start = whole.length - leaf.getSignature().length;
        for (int bit = start * 8; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            X509Certificate changed = Certificates.parse(flipped);
            assertThat(signatures.signed(issuer, changed)).as("bit %d", bit).isFalse();
        }
    }

    @Test
    void signed_moreIssuersThanAreKept_isStillRight() {
        TestCa first = new TestCa("first");
        for (int i = 0; i < 250; i++) {
            TestCa ca = new TestCa("number " + i);
            X509Certificate crossed = first.crossSign(ca);
            assertThat(signatures.signed(ca.root(), ca.root())).isTrue();
            assertThat(signatures.signed(first.root(), crossed)).isTrue();
            assertThat(signatures.signed(ca.root(), crossed)).isFalse();
            assertThat(signatures.signed(first.root(), ca.root())).isFalse();
        }
    }
}
