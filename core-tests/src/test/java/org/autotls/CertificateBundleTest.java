package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateBundleTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final TestCa ca = new TestCa();

    @ParameterizedTest
    @EnumSource(
            value = KeyType.class,
            names = {"EC_P256", "EC_P384", "RSA_2048"})
    void of_joinsKeyAndLeaf(KeyType type) {
        CertificateBundle bundle = ca.issue(type, START, Duration.ofDays(90), "b.example", "a.example", "192.0.2.1");
        assertThat(bundle.identifiers())
                .containsExactly(Identifier.of("a.example"), Identifier.of("b.example"), Identifier.of("192.0.2.1"));
        assertThat(bundle.lifetime()).isEqualTo(Duration.ofDays(90));
        assertThat(bundle.notAfter()).isEqualTo(START.plus(Duration.ofDays(90)));
    }

    @Test
    void of_refusesTheKeyOfAnother() {
        CertificateBundle one = ca.issue(START, Duration.ofDays(1), "a.example");
        CertificateBundle other = ca.issue(START, Duration.ofDays(1), "a.example");
        CertificateBundle rsa = ca.issue(KeyType.RSA_2048, START, Duration.ofDays(1), "a.example");
        assertThatThrownBy(() -> CertificateBundle.of(one.privateKey(), other.chain()))
                .hasMessageContaining(other.serial());
        assertThatThrownBy(() -> CertificateBundle.of(rsa.privateKey(), other.chain()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CertificateBundle.of(one.privateKey(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_refusesTheSameNumberOnAnotherCurve() throws Exception {
        CertificateBundle p256 = ca.issue(KeyType.EC_P256, START, Duration.ofDays(1), "a.example");
        ECPrivateKey secret = (ECPrivateKey) p256.privateKey();
        ECPrivateKey p384 = (ECPrivateKey) ca.issue(KeyType.EC_P384, START, Duration.ofDays(1), "a.example")
                .privateKey();
        PrivateKey moved =
                KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(secret.getS(), p384.getParams()));
        assertThatThrownBy(() -> CertificateBundle.of(moved, p256.chain()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Modulus and public exponent are right, so the public key looks it; whoever signs with such a key fails. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void of_rsaKeyWithOneDamagedNumber_isRefused(int damaged) throws Exception {
        CertificateBundle whole = ca.issue(KeyType.RSA_2048, START, Duration.ofDays(1), "a.example");
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) whole.privateKey();
        BigInteger[] numbers = {
            key.getPrivateExponent(),
            key.getPrimeP(),
            key.getPrimeQ(),
            key.getPrimeExponentP(),
            key.getPrimeExponentQ(),
            key.getCrtCoefficient()
        };
        numbers[damaged] = numbers[damaged].flipBit(77);
        PrivateKey other = KeyFactory.getInstance("RSA")
                .generatePrivate(new RSAPrivateCrtKeySpec(
                        key.getModulus(),
                        numbers[0],
                        key.getPublicExponent(),
                        numbers[1],
                        numbers[2],
                        numbers[3],
                        numbers[4],
                        numbers[5]));
        assertThatThrownBy(() -> CertificateBundle.of(other, whole.chain()))
                .hasMessageContaining("does not match the leaf");
    }

    @Test
    void of_rsaKeyWithoutItsPrimes_isProvedByASignature() throws Exception {
        CertificateBundle one = ca.issue(KeyType.RSA_2048, START, Duration.ofDays(1), "a.example");
        CertificateBundle other = ca.issue(KeyType.RSA_2048, START, Duration.ofDays(1), "a.example");
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) one.privateKey();
        PrivateKey bare = KeyFactory.getInstance("RSA")
                .generatePrivate(new RSAPrivateKeySpec(key.getModulus(), key.getPrivateExponent()));
        assertThat(CertificateBundle.of(bare, one.chain()).leaf()).isEqualTo(one.leaf());
        assertThatThrownBy(() -> CertificateBundle.of(bare, other.chain()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withChain_keepsKeyAndOrigin_andRefusesALeafForAnotherKey() {
        CertificateBundle bundle =
                ca.issue(START, Duration.ofDays(1), "a.example").withOrigin("ca");
        CertificateBundle shorter = bundle.withChain(List.of(bundle.leaf()));
        assertThat(shorter.chain()).containsExactly(bundle.leaf());
        assertThat(shorter.privateKey()).isSameAs(bundle.privateKey());
        assertThat(shorter.origin()).isEqualTo("ca");
        assertThatThrownBy(() -> bundle.withChain(List.of(ca.root()))).hasMessageContaining(bundle.serial());
        assertThatThrownBy(() -> bundle.withChain(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void N1_toString_doesNotShowTheKey() {
        CertificateBundle bundle = ca.issue(START, Duration.ofDays(1), "a.example");
        String key = Base64.getEncoder().encodeToString(bundle.privateKey().getEncoded());
        assertThat(bundle.toString()).contains("a.example", bundle.serial());
        assertThat(bundle.toString()).doesNotContain(key.substring(60, 76));
    }
}
