package org.autotls.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.doctor.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8659 and RFC 8657. */
class CaaCheckTest {

    private static final String ACCOUNT = "https://ca.example/acct/1";

    private final FakeDns dns = new FakeDns();

    private Finding judge(String name, List<String> identities, String account, String method) {
        Identifier identifier = Identifier.of(name);
        String base = identifier.isWildcard() ? name.substring(2) : name;
        return CaaCheck.judge(
                identifier,
                CaaSearch.climb(base, dns),
                new CaaCheck.Applicant("https://ca.example/dir", identities, account, method));
    }

    private Severity severity(String name) {
        return judge(name, List.of("ca.example", "other-name.example"), ACCOUNT, "http-01")
                .severity();
    }

    @Test
    void noRecords_everybodyMayIssue() {
        assertThat(severity("www.a.example")).isEqualTo(Severity.OK);
    }

    @Test
    void climb_takesTheNearestThereAreAndNoneAbove() {
        dns.caa("example", "issue", "ca.example").caa("a.example", "issue", "stranger.example");
        assertThat(severity("www.sub.a.example")).isEqualTo(Severity.PROBLEM);
        assertThat(severity("b.example")).isEqualTo(Severity.OK);
        assertThat(CaaSearch.climb("www.sub.a.example", dns).at()).isEqualTo("a.example");
    }

    @Test
    void climb_levelThatFails_isNotPassedOver() {
        dns.failing("a.example", IssueException.Kind.UNPROVED);
        assertThatThrownBy(() -> CaaSearch.climb("www.a.example", dns)).isInstanceOf(IssueException.class);
    }

    @Test
    void issue_ofTheCaOrOneOfSeveral_isEnough() {
        dns.caa("a.example", "issue", "stranger.example").caa("a.example", "ISSUE", " Ca.Example ; ");
        assertThat(severity("a.example")).isEqualTo(Severity.OK);
        dns.caa("b.example", "issue", "other-name.example");
        assertThat(severity("b.example")).isEqualTo(Severity.OK);
    }

    @Test
    void issue_ofOthersOnly_saysWhichRecordHelps() {
        dns.caa("a.example", "issue", "stranger.example");
        Finding finding = judge("www.a.example", List.of("ca.example"), "", "http-01");
        assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(finding.found()).contains("a.example", "stranger.example");
        assertThat(finding.advice()).contains("add at a.example: CAA 0 issue \"ca.example\"");
    }

    @Test
    void wildcard_heedsIssuewildIfThereIsOne() {
        dns.caa("a.example", "issue", "ca.example").caa("a.example", "issuewild", ";");
        assertThat(severity("*.a.example")).isEqualTo(Severity.PROBLEM);
        assertThat(severity("a.example")).isEqualTo(Severity.OK);
        dns.caa("b.example", "issue", "ca.example");
        assertThat(severity("*.b.example")).isEqualTo(Severity.OK);
        dns.caa("c.example", "issuewild", "stranger.example");
        assertThat(severity("c.example"))
                .as("issuewild alone restricts wildcards only")
                .isEqualTo(Severity.OK);
    }

    @Test
    void otherProperties_restrictNobody() {
        dns.caa("a.example", "iodef", "mailto:a@a.example").caa("a.example", "issuemail", ";");
        assertThat(severity("a.example")).isEqualTo(Severity.OK);
    }

    @Test
    void critical_unknownTag_letsNobodyIssue() {
        dns.caa("a.example", "issue", "ca.example").caa("a.example", new CaaRecord(true, "future", "x"));
        assertThat(severity("a.example")).isEqualTo(Severity.PROBLEM);
        dns.caa("b.example", new CaaRecord(true, "issue", "ca.example"));
        assertThat(severity("b.example")).isEqualTo(Severity.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "%%%",
                "-ca.example",
                "ca..example",
                "ca.example; account",
                "ca.example; a b=c",
                "ca.example; x=a b"
            })
    void nobodyAndMalformed_letNobodyIn(String value) {
        dns.caa("a.example", "issue", value);
        assertThat(severity("a.example")).isEqualTo(Severity.PROBLEM);
        assertThat(judge("a.example", List.of(), "", "http-01").found()).contains("nobody");
    }

    @Test
    void caWithoutIdentity_isForAPersonToJudge() {
        dns.caa("a.example", "issue", "ca.example");
        assertThat(judge("a.example", List.of(), ACCOUNT, "http-01").severity()).isEqualTo(Severity.WARNING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ca.example; accounturi=https://ca.example/acct/1 | https://ca.example/acct/1 | http-01 | OK",
                "ca.example; accounturi=https://ca.example/acct/2 | https://ca.example/acct/1 | http-01 | PROBLEM",
                "ca.example; accounturi=https://ca.example/acct/1 | '' | http-01 | PROBLEM",
                "ca.example; accounturi=x; accounturi=https://ca.example/acct/1 | https://ca.example/acct/1 | http-01 | PROBLEM",
                "ca.example; validationmethods=dns-01,http-01 | '' | http-01 | OK",
                "ca.example; validationmethods=dns-01 | '' | http-01 | PROBLEM",
                "ca.example; validationmethods=dns-01; validationmethods=http-01 | '' | http-01 | PROBLEM",
                "ca.example; AccountURI=https://ca.example/acct/1; validationmethods=dns-01 | https://ca.example/acct/1 | dns-01 | OK",
                "ca.example; policy=ev | '' | http-01 | OK"
            })
    void parameters_accountAndMethod_mustFit(String value, String account, String method, Severity expected) {
        dns.caa("a.example", "issue", value);
        assertThat(judge("a.example", List.of("CA.example"), account, method).severity())
                .isEqualTo(expected);
    }

    @Test
    void parameters_thatDoNotFit_areNamed() {
        dns.caa("a.example", "issue", "ca.example; accounturi=https://ca.example/acct/2");
        Finding finding = judge("a.example", List.of("ca.example"), "", "http-01");
        assertThat(finding.found()).contains("https://ca.example/acct/2", "not registered yet");
        assertThat(finding.advice()).contains("account show");
    }

    @Test
    void severalProperties_oneThatFits_isEnough() {
        dns.caa("a.example", "issue", "ca.example; validationmethods=dns-01").caa("a.example", "issue", "ca.example");
        assertThat(severity("a.example")).isEqualTo(Severity.OK);
    }
}
