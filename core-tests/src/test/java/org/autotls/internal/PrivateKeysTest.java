package org.autotls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import org.autotls.KeyType;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrivateKeysTest {

    private final SecureRandom random = new SecureRandom();

    @ParameterizedTest
    @EnumSource(
            value = KeyType.class,
            names = {"EC_P256", "EC_P384", "RSA_2048"})
    void parsePair_readsPkcs8AndTheTraditionalForms(KeyType type) throws IOException {
        KeyPair pair = type.generate(random);
        for (String text : new String[] {PrivateKeys.encode(pair.getPrivate()), traditional(pair)}) {
            KeyPair read = PrivateKeys.parsePair(text);
            assertThat(read.getPrivate().getAlgorithm())
                    .isEqualTo(pair.getPrivate().getAlgorithm());
            assertThat(read.getPublic()).isEqualTo(pair.getPublic()); // computed from the private key
        }
    }

    /** PKCS#1 for RSA; for EC what OpenSSL writes: RFC 5915 with the curve inside. */
    private static String traditional(KeyPair pair) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
        if (pair.getPublic() instanceof ECPublicKey point) {
            ECPrivateKey inner = new ECPrivateKey(
                    point.getParams().getOrder().bitLength(),
                    ((java.security.interfaces.ECPrivateKey) pair.getPrivate()).getS(),
                    info.getPrivateKeyAlgorithm().getParameters());
            return Pem.encode("EC PRIVATE KEY", inner.getEncoded());
        }
        return Pem.encode(
                "RSA PRIVATE KEY", info.parsePrivateKey().toASN1Primitive().getEncoded());
    }

    @Test
    void parsePair_readsWhatEncodePairWrites() {
        KeyPair pair = KeyType.EC_P256.generate(random);
        KeyPair read = PrivateKeys.parsePair(PrivateKeys.encodePair(pair));
        assertThat(read.getPrivate()).isEqualTo(pair.getPrivate());
        assertThat(read.getPublic()).isInstanceOf(ECPublicKey.class).isEqualTo(pair.getPublic());
    }

    @Test
    void parse_refusesGarbageWithoutQuotingIt() {
        Pem.Block block = new Pem.Block(PrivateKeys.PKCS8, new byte[] {0x30, 0x03, 0x02, 0x01, 0x55});
        assertThatThrownBy(() -> PrivateKeys.parse(block))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PRIVATE KEY");
    }
}
