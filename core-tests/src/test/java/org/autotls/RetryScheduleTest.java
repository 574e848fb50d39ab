package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.autotls.IssueException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RetryScheduleTest {

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private final RandomGenerator random = new SplittableRandom(11);

    private Duration delay(int failures, IssueException failure) {
        return Duration.between(NOW, RetrySchedule.next(failures, failure, NOW, random));
    }

    private static IssueException failure(Kind kind) {
        return new IssueException(kind, "told to");
    }

    private static IssueException asks(Instant retryAt) {
        return new IssueException(Kind.RATE_LIMITED, "slow down", null, null, retryAt);
    }

    @ParameterizedTest
    @CsvSource({"1, PT1M", "2, PT10M", "3, PT100M", "4, P1D", "5, P1D", "1000000, P1D", "2147483647, P1D", "0, PT1M"})
    void next_passingTrouble_takesTheSteps(int failures, Duration step) {
        Duration least = Duration.ofDays(9999);
        Duration most = Duration.ZERO;
        for (int i = 0; i < 2000; i++) {
            Duration delay = delay(failures, failure(Kind.NETWORK));
            assertThat(delay).isBetween(step.dividedBy(2), step.multipliedBy(3).dividedBy(2));
            least = delay.compareTo(least) < 0 ? delay : least;
            most = delay.compareTo(most) > 0 ? delay : most;
        }
        assertThat(least).isLessThan(step.multipliedBy(6).dividedBy(10)); // the whole range is used
        assertThat(most).isGreaterThan(step.multipliedBy(14).dividedBy(10));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REFUSED", "PAUSED", "CONFIGURATION", "BAD_CERTIFICATE"})
    void next_whatAPersonMustMend_isDailyAtOnce(Kind kind) {
        for (int failures = 1; failures < 6; failures++) {
            assertThat(delay(failures, failure(kind))).isBetween(Duration.ofHours(12), Duration.ofHours(36));
        }
    }

    @Test
    void next_retryAfter_isNeverUndercut() {
        for (int minutes = 0; minutes < 10_000; minutes += 7) {
            Instant asked = NOW.plus(Duration.ofMinutes(minutes));
            for (int failures = 1; failures < 6; failures++) {
                assertThat(RetrySchedule.next(failures, asks(asked), NOW, random))
                        .isAfterOrEqualTo(asked);
            }
        }
    }

    @Test
    void next_retryAfterInThePastOrAbsurd_isBounded() {
        assertThat(delay(1, asks(Instant.MIN))).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(90));
        assertThat(delay(1, asks(Instant.MAX))).isBetween(Duration.ofDays(7), Duration.ofDays(8));
    }

    @Test
    void D8_tenYearsOfFailures_neverZeroNeverAboveADayAndAHalf() {
        Instant now = NOW;
        Instant end = NOW.plus(Duration.ofDays(3653));
        int failures = 0;
        while (now.isBefore(end)) {
            Instant next = RetrySchedule.next(++failures, failure(Kind.SERVER), now, random);
            assertThat(Duration.between(now, next)).isBetween(Duration.ofSeconds(30), Duration.ofHours(36));
            now = next;
        }
        assertThat(failures).isBetween(3500, 3850);
    }
}
