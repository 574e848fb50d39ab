package org.autotls.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.autotls.AttemptRecord;
import org.autotls.LeafTimes;
import org.autotls.RenewalDecision;
import org.autotls.RenewalRecord;
import org.autotls.Subject;
import org.autotls.SubjectStatus;
import org.autotls.doctor.Finding.Severity;
import org.junit.jupiter.api.Test;

/** What is stored, and what earlier attempts left. */
class StoredChecksTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Subject SUBJECT = Subject.of("a.example");

    private static AttemptRecord failed(int times, String kind, Duration ago, Duration until) {
        return new AttemptRecord(times, kind, "the CA said no", NOW.minus(ago), NOW.plus(until));
    }

    private static Optional<SubjectStatus> stored(Instant end, boolean panicking, AttemptRecord attempts) {
        LeafTimes leaf =
                end.equals(Instant.EPOCH) ? LeafTimes.NONE : new LeafTimes(NOW.minus(Duration.ofDays(60)), end, 0);
        return Optional.of(new SubjectStatus(
                SUBJECT, "CN=ca", leaf, NOW, RenewalDecision.Reason.VALID, panicking, attempts, RenewalRecord.NONE));
    }

    @Test
    void attempts_none_isOk() {
        assertThat(AttemptsCheck.judge(SUBJECT, AttemptRecord.NONE, NOW).severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void attempts_rateLimited_blocksUntilItIsOver() {
        Finding waiting =
                AttemptsCheck.judge(SUBJECT, failed(1, "RATE_LIMITED", Duration.ofHours(1), Duration.ofHours(2)), NOW);
        assertThat(waiting.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(waiting.found()).contains("2030-01-01T02:00:00Z", "the CA said no");
        Finding over =
                AttemptsCheck.judge(SUBJECT, failed(1, "RATE_LIMITED", Duration.ofHours(3), Duration.ofHours(-1)), NOW);
        assertThat(over.severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void attempts_failed_warnOfTheLimit() {
        Finding finding = AttemptsCheck.judge(
                SUBJECT, failed(4, "UNPROVED", Duration.ofMinutes(10), Duration.ofMinutes(90)), NOW);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.found()).contains("4 failed attempts");
        assertThat(finding.advice()).contains("5 an hour", "--staging");
    }

    @Test
    void stored_validExpiredOverdueAndBroken() {
        assertThat(StoredCheck.judge(SUBJECT, Optional.empty(), NOW).severity()).isEqualTo(Severity.OK);
        Finding valid =
                StoredCheck.judge(SUBJECT, stored(NOW.plus(Duration.ofDays(30)), false, AttemptRecord.NONE), NOW);
        assertThat(valid.severity()).isEqualTo(Severity.OK);
        assertThat(valid.found()).contains("30 days");
        assertThat(StoredCheck.judge(SUBJECT, stored(NOW.plusSeconds(60), true, AttemptRecord.NONE), NOW)
                        .severity())
                .isEqualTo(Severity.WARNING);
        assertThat(StoredCheck.judge(SUBJECT, stored(NOW.minusSeconds(60), true, AttemptRecord.NONE), NOW)
                        .found())
                .contains("expired");
        AttemptRecord broken = new AttemptRecord(0, "STORE", "the file cannot be read", NOW, NOW);
        assertThat(StoredCheck.judge(SUBJECT, stored(Instant.EPOCH, true, broken), NOW)
                        .severity())
                .isEqualTo(Severity.WARNING);
    }
}
