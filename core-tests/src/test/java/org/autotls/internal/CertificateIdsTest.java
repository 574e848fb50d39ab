package org.autotls.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;

class CertificateIdsTest {

    /** The example of RFC 9773, appendix A: its serial number begins with a byte of which the first bit is set. */
    private static final String EXAMPLE = """
            -----BEGIN CERTIFICATE-----
            MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
            cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
            BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
            7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
            qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
            yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
            +FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
            -----END CERTIFICATE-----
            """;

    @Test
    void of_exampleOfTheRfc() {
        Pem.Block block = Pem.parse(EXAMPLE).get(0);
        assertThat(CertificateIds.of(Certificates.parse(block.content())))
                .contains("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    }

    @Test
    void of_leafThatNamesNoKey_isEmpty() {
        TestCa ca = new TestCa();
        assertThat(CertificateIds.of(ca.root())).isEmpty();
        assertThat(CertificateIds.of(
                        ca.issue(Instant.EPOCH, Duration.ofDays(1), "a.example").leaf()))
                .isPresent();
    }
}
