package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {

    @ParameterizedTest
    @CsvSource({"300/3h, 300, PT3H", "1/s, 1, PT1S", "50/7d, 50, P7D", "5/15m, 5, PT15M"})
    void parse_countAndPeriod(String text, int count, Duration period) {
        assertThat(RateLimit.parse(text)).isEqualTo(new RateLimit(count, period));
    }

    @Test
    void parse_none() {
        assertThat(RateLimit.parse("none")).isEqualTo(RateLimit.NONE).hasToString("none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "300", "300/", "300/3", "0/3h", "-1/3h", "1/0h", "3/3w", "9999999/1s", "1/99999d", "1/3h "})
    void parse_anythingElse_refusedNamingIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimit.parse(text))
                .withMessageContaining("limit");
    }

    @Test
    void perSecond_spreadsTheBurst() {
        assertThat(RateLimit.perSecond(20, 10)).isEqualTo(new RateLimit(10, Duration.ofMillis(500)));
    }
}
