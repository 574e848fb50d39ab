package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
    void toString_doesNotShowTheKey() {
        CertificateBundle bundle = ca.issue(START, Duration.ofDays(1), "a.example");
        String key = Base64.getEncoder().encodeToString(bundle.privateKey().getEncoded());
        assertThat(bundle.toString()).contains("a.example", bundle.serial());
        assertThat(bundle.toString()).doesNotContain(key.substring(60, 76));
    }
}
