package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.autotls.AttemptRecord;
import org.autotls.LeafTimes;
import org.autotls.RenewalDecision.Reason;
import org.autotls.RenewalRecord;
import org.autotls.RenewalWindow;
import org.autotls.Subject;
import org.autotls.SubjectStatus;
import org.junit.jupiter.api.Test;

/** What {@code status} shows of renewal information (RFC 9773). */
class StatusCommandTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant SELECTED = NOW.plusSeconds(3600);

    private static SubjectStatus status(RenewalRecord renewal, Reason reason) {
        return new SubjectStatus(
                Subject.of("a.example"),
                "CN=Test CA,O=Test",
                new LeafTimes(NOW.minus(Duration.ofDays(60)), NOW.plus(Duration.ofDays(30)), 0.5),
                SELECTED,
                reason,
                false,
                AttemptRecord.NONE,
                renewal);
    }

    private static RenewalRecord said(String explanationUrl) {
        RenewalWindow window = new RenewalWindow(NOW, NOW.plusSeconds(7200));
        return new RenewalRecord(
                "key.serial", "ca", NOW, Optional.of(window), SELECTED, explanationUrl, NOW.plusSeconds(21600), 0);
    }

    @Test
    void table_showsTheWindowWhatComesNextAndWhy() {
        String table = StatusCommand.toTable(List.of(status(said("https://ca.example/why"), Reason.CA_SCHEDULE)), NOW);
        assertThat(table)
                .contains("CA'S WINDOW")
                .contains("2026-03-01T12:00:00Z/2026-03-01T14:00:00Z  2026-03-01T13:00:00Z"
                        + "  valid; the CA says when, see https://ca.example/why");
    }

    @Test
    void table_caHasNotSaid_showsADash() {
        assertThat(StatusCommand.toTable(List.of(status(RenewalRecord.NONE, Reason.VALID)), NOW))
                .contains("30 days  -            2026-03-01T13:00:00Z  valid  -");
    }

    @Test
    void json_hasTheWindowTheDrawAndTheNextQuestion() {
        assertThat(StatusCommand.toJson(List.of(status(said("https://ca.example/why"), Reason.CA_WINDOW))))
                .contains(
                        "\"reason\" : \"CA_WINDOW\"",
                        "\"certificateId\" : \"key.serial\"",
                        "\"start\" : \"2026-03-01T12:00:00Z\"",
                        "\"end\" : \"2026-03-01T14:00:00Z\"",
                        "\"selected\" : \"2026-03-01T13:00:00Z\"",
                        "\"explanationURL\" : \"https://ca.example/why\"",
                        "\"askedAgainAt\" : \"2026-03-01T18:00:00Z\"",
                        "\"unanswered\" : 0");
        assertThat(StatusCommand.toJson(List.of(status(RenewalRecord.NONE, Reason.VALID))))
                .doesNotContain("\"renewal\"");
    }
}
