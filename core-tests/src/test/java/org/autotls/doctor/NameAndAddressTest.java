package org.autotls.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.doctor.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be certified, and where names lead. */
class NameAndAddressTest {

    private static final ChallengeOrder DEFAULT = new ChallengeOrder(List.of("tls-alpn-01", "http-01"));
    private static final ChallengeOrder WITH_DNS = new ChallengeOrder(List.of("dns-01", "tls-alpn-01"));

    private static List<InetAddress> addresses(String... texts) {
        return Stream.of(texts).map(Reserved::address).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "www.example.com, tls-alpn-01, dns-01",
        "*.example.com, '', dns-01",
        "192.0.2.1, tls-alpn-01, tls-alpn-01",
        "2001:db8::1, tls-alpn-01, tls-alpn-01"
    })
    void order_chosen_isTheFirstThatSuits(String name, String without, String withDns) {
        assertThat(DEFAULT.chosen(Identifier.of(name)).orElse("")).isEqualTo(without);
        assertThat(WITH_DNS.chosen(Identifier.of(name)).orElse("")).isEqualTo(withDns);
    }

    @Test
    void name_wildcardWithoutDns01_isAProblemThatNamesTheOption() {
        Finding finding = NameCheck.judge(Identifier.of("*.example.com"), DEFAULT, true);
        assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(finding.advice()).contains("--challenge dns-01:");
        assertThat(NameCheck.judge(Identifier.of("*.example.com"), WITH_DNS, true)
                        .severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void name_addressWithDns01Only_isAProblem() {
        ChallengeOrder dnsOnly = new ChallengeOrder(List.of("dns-01"));
        assertThat(NameCheck.judge(Identifier.of("8.8.8.8"), dnsOnly, true).severity())
                .isEqualTo(Severity.PROBLEM);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "printer.local",
                "a.test",
                "host.lan",
                "intranet",
                "10.0.0.1",
                "127.0.0.1",
                "fd00::1",
                "100.64.0.1",
                "fe80::1"
            })
    void name_thatThePublicCannotHave_isAProblemAtAPublicCaOnly(String name) {
        assertThat(NameCheck.judge(Identifier.of(name), DEFAULT, true).severity())
                .isEqualTo(Severity.PROBLEM);
        assertThat(NameCheck.judge(Identifier.of(name), DEFAULT, false).severity())
                .isEqualTo(Severity.OK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"www.example.com", "xn--bcher-kva.example.org", "8.8.8.8", "2606:4700::1111", "172.15.0.1"})
    void name_ofTheInternet_isFine(String name) {
        assertThat(NameCheck.judge(Identifier.of(name), DEFAULT, true).severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void address_none_isAProblem() {
        Finding finding = AddressCheck.judge(Identifier.of("a.example.com"), List.of(), false);
        assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(finding.found()).contains("neither an A nor an AAAA");
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3, 10.1.2.4, PROBLEM", "10.1.2.3, 8.8.8.8, WARNING", "8.8.8.8, 2606:4700::1111, OK"})
    void address_private_isNoneThatAPublicCaReaches(String one, String other, Severity expected) {
        Identifier name = Identifier.of("a.example.com");
        assertThat(AddressCheck.judge(name, addresses(one, other), true).severity())
                .isEqualTo(expected);
        assertThat(AddressCheck.judge(name, addresses(one, other), false).severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void address_noAnswerIsAWarningAndAnErrorIsAProblem() {
        Identifier name = Identifier.of("a.example.com");
        assertThat(AddressCheck.judge(name, new IssueException(Kind.NETWORK, "no answer"))
                        .severity())
                .isEqualTo(Severity.WARNING);
        assertThat(AddressCheck.judge(name, new IssueException(Kind.UNPROVED, "SERVFAIL"))
                        .severity())
                .isEqualTo(Severity.PROBLEM);
    }

    @Test
    void delegation_followsAliasesAndEndsInALoop() {
        FakeDns dns = new FakeDns()
                .alias("_acme-challenge.a.example", "a.challenges.example")
                .alias("_acme-challenge.loop.example", "_acme-challenge.loop.example");
        Finding found = DelegationCheck.look(Identifier.of("*.a.example"), dns);
        assertThat(found.severity()).isEqualTo(Severity.OK);
        assertThat(found.found()).contains("a.challenges.example", "192.0.2.53");
        assertThat(DelegationCheck.look(Identifier.of("loop.example"), dns).severity())
                .isEqualTo(Severity.PROBLEM);
        dns.failing("_acme-challenge.b.example", Kind.UNPROVED);
        assertThat(DelegationCheck.look(Identifier.of("b.example"), dns).severity())
                .isEqualTo(Severity.PROBLEM);
    }
}
