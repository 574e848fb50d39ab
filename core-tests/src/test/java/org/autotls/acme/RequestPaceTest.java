package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.autotls.internal.JsonObject;
import org.junit.jupiter.api.Test;

class RequestPaceTest {

    private static final URI DIRECTORY = URI.create("https://ca.example/directory");
    private static final URI NONCE = URI.create("https://ca.example/new-nonce");
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private final RequestPace pace = new RequestPace(DIRECTORY, AcmeLimits.at(DIRECTORY));

    RequestPaceTest() {
        pace.learn(Directory.parse(
                DIRECTORY,
                JsonObject.parse("{\"newNonce\":\"" + NONCE + "\",\"newAccount\":\"https://ca.example/new-account\","
                        + "\"newOrder\":\"https://ca.example/new-order\","
                        + "\"renewalInfo\":\"https://ca.example/renewal-info\"}")));
    }

    @Test
    void reserve_halfOfTheBurstAtOnce_thenHalfOfTheRate() {
        for (int i = 0; i < 5; i++) {
            assertThat(pace.reserve(NONCE, NOW)).isZero();
        }
        for (int i = 1; i <= 100; i++) {
            assertThat(pace.reserve(NONCE, NOW)).isEqualTo(Duration.ofMillis(100L * i));
        }
        assertThat(pace.reserve(NONCE, NOW.plusSeconds(11))).isZero();
    }

    @Test
    void reserve_anyCertificatesRenewalInfo_isOneKind() {
        for (int i = 0; i < 50; i++) {
            assertThat(pace.reserve(URI.create("https://ca.example/renewal-info/c" + i), NOW))
                    .isZero();
        }
        assertThat(pace.reserve(URI.create("https://ca.example/renewal-info/c50"), NOW))
                .isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void reserve_whatIsNotLimited_neverWaits() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(pace.reserve(URI.create("https://ca.example/order/1"), NOW))
                    .isZero();
        }
    }

    @Test
    void reserve_clockPutBack_doesNotWaitForIt() {
        pace.reserve(NONCE, NOW.plus(Duration.ofDays(3650)));
        assertThat(pace.reserve(NONCE, NOW)).isZero();
    }
}
