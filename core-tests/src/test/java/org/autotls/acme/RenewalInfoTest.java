package org.autotls.acme;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.request;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.autotls.CertificateBundle;
import org.autotls.FallbackIssuer;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssuedCertificate;
import org.autotls.Issuer;
import org.autotls.RenewalInformation;
import org.autotls.RenewalWindow;
import org.autotls.internal.CertificateIds;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9773 §4: what a CA says of renewal, and what it says that is none. */
class RenewalInfoTest {

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final AcmeIssuer issuer = fixture.issuer();

    @AfterEach
    void close() {
        fixture.close();
    }

    private IssuedCertificate issued() throws Exception {
        CertificateBundle bundle = await(issuer, request(new MemoryJournal(), "a.example"));
        return new IssuedCertificate(CertificateIds.of(bundle.leaf()).orElseThrow(), bundle.origin());
    }

    private static Optional<RenewalInformation> ask(Issuer asked, IssuedCertificate certificate) throws Exception {
        return asked.renewalInformation(certificate).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static IssueException failure(Issuer asked, IssuedCertificate certificate) throws Exception {
        try {
            throw new AssertionError("expected a failure, not " + ask(asked, certificate));
        } catch (ExecutionException e) {
            return (IssueException) requireNonNull(e.getCause());
        }
    }

    @Test
    void ask_soundAnswer_windowExplanationAndWhenToAskAgain() throws Exception {
        ca.settings()
                .renewalAnswer(leaf -> """
                        {"suggestedWindow": {"start": "%s", "end": "%s"},
                         "explanationURL": "https://ca.example/incident", "new": {"member": 1}}
                        """.formatted(now, now.plusSeconds(3600)))
                .renewalRetryAfter("7200");
        IssuedCertificate certificate = issued();
        assertThat(ask(issuer, certificate))
                .contains(new RenewalInformation(
                        new RenewalWindow(now, now.plusSeconds(3600)),
                        "https://ca.example/incident",
                        Duration.ofHours(2)));
    }

    @Test
    void ask_needsNoNonceAndNoAccount() throws Exception {
        IssuedCertificate certificate = issued();
        AcmeIssuer other = fixture.issuer();
        int before = ca.requests().size();
        assertThat(ask(other, certificate)).isPresent();
        assertThat(ca.requests().subList(before, ca.requests().size()))
                .containsExactly(FakeCa.Kind.DIRECTORY, FakeCa.Kind.RENEWAL_INFO);
    }

    /** RFC 3339 as CAs write it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01T12:00:00Z",
                "2026-03-01T12:00:00.123Z",
                "2026-03-01T12:00:00.123456789Z",
                "2026-03-01t12:00:00z",
                "2026-03-01T14:00:00+02:00"
            })
    void B21_startInEveryForm_isUnderstood(String start) throws Exception {
        ca.settings()
                .renewalAnswer(
                        leaf -> "{\"suggestedWindow\":{\"start\":\"" + start + "\",\"end\":\"2026-03-02T00:00:00Z\"}}");
        Instant read = ask(issuer, issued()).orElseThrow().window().start();
        assertThat(read.truncatedTo(ChronoUnit.SECONDS)).isEqualTo("2026-03-01T12:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"suggestedWindow\":null}",
                "{\"suggestedWindow\":[]}",
                "{\"suggestedWindow\":{}}",
                "{\"suggestedWindow\":{\"start\":1772366400,\"end\":1772370000}}",
                "{\"suggestedWindow\":{\"start\":\"2026-03-01T12:00:00Z\"}}",
                "{\"suggestedWindow\":{\"start\":\"soon\",\"end\":\"later\"}}",
                "{\"suggestedWindow\":{\"start\":\"2026-03-01T12:00:00Z\",\"end\":\"2026-03-01T12:00:00Z\"}}",
                "{\"suggestedWindow\":{\"start\":\"2026-03-01T12:00:00Z\",\"end\":\"2026-03-01T11:59:59Z\"}}",
                "{\"suggestedWindow\":{\"start\":\"2026-03-01T12:00:00Z\",\"end\":\"+9999999999-01-01T00:00:00Z\"}}",
                "{\"suggestedWindow\":{\"start\":\"2026-03-01T12:00:00Z\",\"end\":\"2026-03-",
                "<html>busy</html>"
            })
    void B21_windowThatIsNone_isNoAnswer_andTheNextIsOne(String body) throws Exception {
        IssuedCertificate certificate = issued();
        ca.script(FakeCa.Kind.RENEWAL_INFO, Fault.reply(200, body, "Retry-After", "21600"));
        assertThat(failure(issuer, certificate).kind()).isEqualTo(Kind.SERVER);
        assertThat(ask(issuer, certificate)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({"404, REFUSED", "403, REFUSED", "500, SERVER", "429, RATE_LIMITED", "301, SERVER"})
    void B21_refusal_isAFailure_andTheNextAnswerIsOne(int status, Kind kind) throws Exception {
        IssuedCertificate certificate = issued();
        ca.script(FakeCa.Kind.RENEWAL_INFO, Fault.problem(status, "malformed", "Retry-After", "100"));
        IssueException failure = failure(issuer, certificate);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.retryAt()).isPresent();
        assertThat(ask(issuer, certificate)).isPresent();
    }

    @Test
    void B21_bodyThatNeverEnds_isCut() throws Exception {
        IssuedCertificate certificate = issued();
        JumpingClock clock = fixture.jumpingClock();
        AcmeIssuer asking = fixture.issuer(clock);
        Stall stall = new Stall(clock);
        ca.script(FakeCa.Kind.RENEWAL_INFO, stall.of(Fault.drip()), stall.of(Fault.silence()), Fault.huge(10_000_000));
        for (int i = 0; i < 3; i++) {
            assertThat(failure(asking, certificate).kind()).isEqualTo(Kind.SERVER);
        }
        stall.end();
        assertThat(ask(asking, certificate)).isPresent();
    }

    /** RFC 9773 §4.3.2: less than a minute counts as a minute, more than a day as a day; none is six hours (§4.3.3). */
    @ParameterizedTest
    @CsvSource({
        "0, PT1M",
        "-7, PT1M",
        "59, PT1M",
        "61, PT1M1S",
        "86401, PT24H",
        "99999999999999999999, PT24H",
        "soon, PT6H",
        "'', PT6H"
    })
    void B21_retryAfter_isKeptWithinBounds(String value, Duration expected) throws Exception {
        ca.settings().renewalRetryAfter(value);
        assertThat(ask(issuer, issued()).orElseThrow().askAgainAfter()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"javascript:alert(1)", "file:///etc/passwd", "not a URL", "HUGE", "https://"})
    void B21_explanationThatNoPersonCouldOpen_isLeftOut(String url) throws Exception {
        String shown = url.equals("HUGE") ? "https://ca.example/" + "x".repeat(1_000_000) : url;
        ca.settings()
                .renewalAnswer(leaf -> ("{\"suggestedWindow\":{\"start\":\"2026-03-01T12:00:00Z\","
                                + "\"end\":\"2026-03-02T00:00:00Z\"},\"explanationURL\":\"%s\"}")
                        .formatted(shown));
        assertThat(ask(issuer, issued()).orElseThrow().explanationUrl()).isEmpty();
    }

    @Test
    void explanation_withControlCharacters_isEscaped() {
        RenewalInformation said = new RenewalInformation(
                new RenewalWindow(now, now.plusSeconds(1)), "https://ca.example/\u001b[31m\n", Duration.ZERO);
        assertThat(said.explanationUrl()).isEqualTo("https://ca.example/\\u001b[31m\\u000a");
    }

    @Test
    void A11_directoryWithoutRenewalInfo_nobodyIsAsked() throws Exception {
        IssuedCertificate certificate = issued();
        ca.settings().renewalInfo(false);
        assertThat(ask(fixture.issuer(), certificate)).isEmpty();
        assertThat(ca.count(FakeCa.Kind.RENEWAL_INFO)).isZero();
    }

    @Test
    void ask_certificateOfAnotherCa_nobodyIsAsked() throws Exception {
        String id = issued().id();
        for (String origin : List.of("", "https://other.example/directory https://other.example/1", "fake", "a b c")) {
            assertThat(ask(issuer, new IssuedCertificate(id, origin))).isEmpty();
        }
        assertThat(ca.count(FakeCa.Kind.RENEWAL_INFO)).isZero();
    }

    @Test
    void ask_ofSeveralIssuers_theOneThatIssuedAnswers() throws Exception {
        IssuedCertificate certificate = issued();
        try (FakeCa first = FakeCa.start()) {
            AcmeIssuer other = AcmeIssuer.builder(
                            first.directory(), fixture.accountKey, fixture.clock, fixture.executor)
                    .trustedRoots(List.of(first.root()))
                    .build();
            assertThat(ask(FallbackIssuer.of(List.of(other, issuer)), certificate))
                    .isPresent();
            assertThat(first.requests()).isEmpty();
            assertThat(ca.count(FakeCa.Kind.RENEWAL_INFO)).isEqualTo(1);
        }
    }
}
