package org.autotls.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.acme.AcmeAccount;
import org.autotls.acme.CaView;
import org.autotls.doctor.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clock, terms, account, binding, profile, and what several CAs mean together. */
class CaChecksTest {

    private static final URI DIRECTORY = URI.create("https://ca.example/dir");

    private static CaView ca(Duration ahead, String terms, boolean binding, String... profiles) {
        return new CaView(DIRECTORY, Optional.of(ahead), terms, binding, List.of(profiles), List.of("ca.example"));
    }

    private static Intent intent(boolean agreed, String email, String profile, boolean required) {
        return new Intent(List.of(), List.of("http-01"), agreed, email, profile, required);
    }

    private static Optional<AcmeAccount.Details> account(String status, String... contact) {
        return Optional.of(
                new AcmeAccount.Details(URI.create("https://ca.example/acct/1"), status, List.of(contact), "thumb"));
    }

    @ParameterizedTest
    @CsvSource({
        "0, OK",
        "30, OK",
        "-30, OK",
        "31, WARNING",
        "-31, WARNING",
        "3600, WARNING",
        "3601, PROBLEM",
        "-86400, PROBLEM"
    })
    void clock_offBySeconds(int seconds, Severity expected) {
        Finding finding = ClockCheck.judge(ca(Duration.ofSeconds(seconds), "", false));
        assertThat(finding.severity()).isEqualTo(expected);
        if (expected != Severity.OK) {
            assertThat(finding.found()).contains(seconds < 0 ? "behind" : "ahead");
            assertThat(finding.advice()).contains("set the clock");
        }
    }

    @Test
    void clock_withoutDate_isNotJudged() {
        CaView silent = new CaView(DIRECTORY, Optional.empty(), "", false, List.of(), List.of());
        assertThat(ClockCheck.judge(silent).severity()).isEqualTo(Severity.OK);
    }

    @Test
    void terms_notAgreedTo_nameTheOption() {
        CaView ca = ca(Duration.ZERO, "https://ca.example/terms", false);
        assertThat(AccountCheck.terms(ca, intent(false, "", "", false)).advice())
                .contains("--agree-tos");
        assertThat(AccountCheck.terms(ca, intent(true, "", "", false)).severity())
                .isEqualTo(Severity.OK);
        assertThat(AccountCheck.terms(ca(Duration.ZERO, "", false), intent(false, "", "", false))
                        .severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void binding_askedForAndAbsent_isAProblemUnlessThereIsAnAccount() {
        CaView ca = ca(Duration.ZERO, "", true);
        Intent intent = intent(true, "", "", false);
        assertThat(AccountCheck.judge(ca, Optional.empty(), intent, false)).anySatisfy(finding -> {
            assertThat(finding.check()).isEqualTo("eab");
            assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
            assertThat(finding.advice()).contains("--eab-kid");
        });
        assertThat(AccountCheck.judge(ca, Optional.empty(), intent, true))
                .allMatch(finding -> finding.severity() == Severity.OK);
        assertThat(AccountCheck.judge(ca, account("valid"), intent, false))
                .allMatch(finding -> finding.severity() == Severity.OK);
    }

    @Test
    void account_statusAndContact_areSaid() {
        CaView ca = ca(Duration.ZERO, "", false);
        Intent intent = intent(true, "me@example.com", "", false);
        assertThat(AccountCheck.judge(ca, account("deactivated"), intent, false))
                .allMatch(finding -> finding.severity() == Severity.PROBLEM);
        assertThat(AccountCheck.judge(ca, account("valid", "mailto:old@example.com"), intent, false)
                        .get(0)
                        .found())
                .contains("will be [mailto:me@example.com]");
        IssueException refused = new IssueException(IssueException.Kind.REFUSED, "unauthorized");
        assertThat(AccountCheck.judge(ca, refused).advice()).contains("deactivated");
    }

    @Test
    void profile_absent_isAProblemIfRequired() {
        CaView ca = ca(Duration.ZERO, "", false, "classic");
        List<Identifier> names = List.of(Identifier.of("a.example"));
        assertThat(ProfileCheck.judge(ca, intent(true, "", "tlsserver", true), names)
                        .severity())
                .isEqualTo(Severity.PROBLEM);
        assertThat(ProfileCheck.judge(ca, intent(true, "", "tlsserver", false), names)
                        .severity())
                .isEqualTo(Severity.WARNING);
        assertThat(ProfileCheck.judge(ca, intent(true, "", "classic", true), names)
                        .severity())
                .isEqualTo(Severity.OK);
        List<Identifier> addresses = List.of(Identifier.of("8.8.8.8"));
        assertThat(ProfileCheck.judge(ca, intent(true, "", "", false), addresses)
                        .severity())
                .isEqualTo(Severity.WARNING);
        assertThat(ProfileCheck.judge(
                                ca(Duration.ZERO, "", false, "shortlived"), intent(true, "", "", false), addresses)
                        .severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void fallbacks_problemAtOneOfTwo_isAWarning() {
        Finding problem = Finding.problem("directory", "one", "unreachable", "look");
        Finding ok = Finding.ok("directory", "two", "answers");
        assertThat(Fallbacks.judge(List.of(List.of(problem), List.of(ok))))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING, Severity.OK);
        assertThat(Fallbacks.judge(List.of(List.of(problem), List.of(problem))))
                .extracting(Finding::severity)
                .containsExactly(Severity.PROBLEM, Severity.PROBLEM);
        assertThat(Fallbacks.judge(List.of())).isEmpty();
    }
}
