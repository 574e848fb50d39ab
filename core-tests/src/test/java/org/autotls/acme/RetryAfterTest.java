package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "120 | 120",
                "' 7 ' | 7",
                "0 | 1",
                "-5 | 1",
                "-99999999999999999999999 | 1",
                "86401 | 86400",
                "1000000000000 | 86400",
                "99999999999999999999999999 | 86400",
                "Mon, 23 Nov 2026 12:10:00 GMT | 600",
                "Monday, 23-Nov-26 12:10:00 GMT | 600",
                "Mon Nov 23 12:10:00 2026 | 600",
                "Tue Dec  1 12:10:00 2026 | 86400",
                "Mon, 23 Nov 2026 11:00:00 GMT | 1",
                "Thu, 01 Jan 1970 00:00:00 GMT | 1",
                "Fri, 31 Dec 9999 23:59:59 GMT | 86400",
            })
    void A15_readableValues_areClamped(String value, long seconds) {
        assertThat(RetryAfter.parse(List.of(value), NOW)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"soon", "''", "NaN", "1e9", "12.5", "0x10", "tomorrow 12:00", "२", "Mon 23 Foo 2026 12:10:00 GMT"})
    void A15_garbage_isNoAnswer(String value) {
        assertThat(RetryAfter.parse(List.of(value), NOW)).isEmpty();
    }

    @Test
    void A15_both_longestReadableWins() {
        assertThat(RetryAfter.parse(List.of("5", "Mon, 23 Nov 2026 12:10:00 GMT", "soon"), NOW))
                .contains(Duration.ofMinutes(10));
        assertThat(RetryAfter.parse(List.of(), NOW)).isEmpty();
    }

    @Test
    void pace_quickThenAsAskedThenSlower() {
        Pace pace = new Pace();
        Optional<Duration> asked = Optional.of(Duration.ofSeconds(3));
        assertThat(List.of(pace.next(asked), pace.next(asked), pace.next(asked), pace.next(asked)))
                .extracting(Duration::toMillis)
                .containsExactly(50L, 100L, 200L, 3000L);
        assertThat(pace.next(Optional.empty())).isEqualTo(Duration.ofMillis(800));
        for (int i = 0; i < 100; i++) {
            pace.next(Optional.empty());
        }
        assertThat(pace.next(Optional.empty())).isEqualTo(Duration.ofSeconds(5));
    }
}
