package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.Await;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.autotls.testkit.RefusingPort;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a CA can do wrong, at every kind of request: bounded, classed, and over as soon as the CA is sound again. */
@Tag("long")
class AcmeFaultsTest {

    /** The bodies of these are not looked at, so garbage there does no harm. */
    private static final Set<FakeCa.Kind> BODY_IGNORED = EnumSet.of(FakeCa.Kind.NEW_NONCE, FakeCa.Kind.CHALLENGE);

    private static final Set<FakeCa.Kind> ALL =
            // An order asks for none of these; see AcmeAccountTest.
            EnumSet.complementOf(EnumSet.of(
                    FakeCa.Kind.ACCOUNT, FakeCa.Kind.KEY_CHANGE, FakeCa.Kind.REVOKE, FakeCa.Kind.RENEWAL_INFO));

    /** One issuer with a CA of its own that is faulty at one kind of request, until it is told to heal. */
    private static final class Trial {

        private final FakeCa.Kind kind;
        private final AcmeFixture fixture = new AcmeFixture();
        private final MemoryJournal journal = new MemoryJournal();
        private final JumpingClock clock = fixture.jumpingClock();
        private final Stall stall = new Stall(clock);
        private final AcmeIssuer issuer;

        /** If the fault {@code stalls}, the deadline passes of each request that meets it, and of no other. */
        Trial(FakeCa.Kind kind, Fault fault, boolean stalls) {
            this.kind = kind;
            this.issuer = stalls ? fixture.issuer(clock) : fixture.issuer();
            fixture.ca.always(kind, stalls ? stall.of(fault) : fault);
        }

        void heal() {
            stall.end();
            fixture.ca.heal();
        }
    }

    /** The others let a deadline of their clock pass; here it is that of the real one. */
    @Test
    void A2_A3_realClock_endsWhatWouldNeverEnd() throws Exception {
        for (Fault fault : List.of(Fault.silence(), Fault.stall(), Fault.drip())) {
            try (AcmeFixture fixture = new AcmeFixture()) {
                fixture.ca.always(FakeCa.Kind.DIRECTORY, fault);
                AcmeIssuer issuer = fixture.builder()
                        .responders(List.of(fixture.responder))
                        .timeout(Duration.ofMillis(100))
                        .build();
                assertThat(failure(issuer, request(new MemoryJournal(), "a.example"))
                                .kind())
                        .isEqualTo(Kind.SERVER);
            }
        }
    }

    @Test
    void A3_stalledBody_serverTroubleInTime() throws Exception {
        stalledEverywhere(Fault.stall(), EnumSet.of(FakeCa.Kind.NEW_NONCE), Kind.SERVER);
    }

    @Test
    void A2_silence_serverTroubleInTime() throws Exception {
        stalledEverywhere(Fault.silence(), Set.of(), Kind.SERVER);
    }

    @Test
    void A3_drippingBody_serverTroubleInTime() throws Exception {
        stalledEverywhere(Fault.drip(), EnumSet.of(FakeCa.Kind.NEW_NONCE), Kind.SERVER);
    }

    @Test
    void A4_brokenBody_network() throws Exception {
        everywhere(Fault.loseAnswer(), EnumSet.of(FakeCa.Kind.NEW_NONCE), Kind.NETWORK);
    }

    @Test
    void A5_serverErrorWithHtml_serverTrouble() throws Exception {
        everywhere(Fault.reply(500, "<html>\u001b[31moops</html>"), Set.of(), Kind.SERVER);
    }

    @Test
    void A5_busyWithSeconds_waitsAsAsked() throws Exception {
        Instant before = Instant.now();
        for (IssueException failure :
                everywhere(Fault.reply(503, "<html>", "Retry-After", "120"), Set.of(), Kind.RATE_LIMITED)) {
            assertThat(failure.retryAt().orElseThrow())
                    .isBetween(before.plusSeconds(60), Instant.now().plusSeconds(121));
        }
    }

    @Test
    void A5_busyWithDate_waitsAsAsked() throws Exception {
        Instant before = Instant.now();
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                before.plusSeconds(600).atOffset(ZoneOffset.UTC));
        for (IssueException failure :
                everywhere(Fault.reply(503, "", "Retry-After", date), Set.of(), Kind.RATE_LIMITED)) {
            assertThat(failure.retryAt().orElseThrow())
                    .isBetween(before.plusSeconds(500), Instant.now().plusSeconds(602));
        }
    }

    @Test
    void A6_htmlForAnAnswer_serverTrouble() throws Exception {
        everywhere(Fault.reply(200, "<html>hello"), BODY_IGNORED, Kind.SERVER);
        everywhere(Fault.reply(200, ""), BODY_IGNORED, Kind.SERVER);
        everywhere(Fault.reply(200, "{}"), BODY_IGNORED, Kind.SERVER, Kind.UNPROVED);
    }

    @Test
    void A7_hundredMegabytes_cutOff() throws Exception {
        everywhere(Fault.huge(100_000_000), EnumSet.of(FakeCa.Kind.NEW_NONCE), Kind.SERVER, Kind.NETWORK);
    }

    @Test
    void A8_jsonBombs_serverTrouble() throws Exception {
        everywhere(Fault.reply(200, "{\"a\":" + "[".repeat(100_000)), BODY_IGNORED, Kind.SERVER);
        everywhere(Fault.reply(200, "{\"status\":\"valid\",\"status\":\"pending\"}"), BODY_IGNORED, Kind.SERVER);
        everywhere(Fault.reply(500, "{\"type\":" + "{\"a\":".repeat(100_000)), Set.of(), Kind.SERVER);
    }

    @Test
    void A9_redirect_isNotFollowed() throws Exception {
        everywhere(Fault.reply(307, "", "Location", "https://127.0.0.1:1/elsewhere"), Set.of(), Kind.SERVER);
    }

    @Test
    void A15_tooManyRequestsWithoutProblem_rateLimited() throws Exception {
        everywhere(Fault.reply(429, "slow down", "Retry-After", "60"), Set.of(), Kind.RATE_LIMITED);
    }

    @Test
    void problem_withoutTypeAndAsPlainJson_isKept() throws Exception {
        Fault fault = Fault.reply(400, "{\"detail\":\"no \\u001b[1m luck\"}", "Content-Type", "application/json");
        try (AcmeFixture fixture = new AcmeFixture()) {
            fixture.ca.always(FakeCa.Kind.NEW_ORDER, fault);
            IssueException failure = failure(fixture.issuer(), request(new MemoryJournal(), "a.example"));
            assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
            assertThat(failure.problem().orElseThrow().type()).isEqualTo("about:blank");
            assertThat(failure).hasMessageContaining("no \\u001b[1m luck");
        }
    }

    @Test
    void B18_refusals_areClassedByTheirType() throws Exception {
        try (AcmeFixture fixture = new AcmeFixture()) {
            AcmeIssuer issuer = fixture.issuer();
            Object[][] table = {
                {"rejectedIdentifier", 403, Kind.REFUSED}, {"caa", 403, Kind.REFUSED},
                {"malformed", 400, Kind.REFUSED}, {"unheardOf", 400, Kind.REFUSED},
                {"rateLimited", 400, Kind.RATE_LIMITED}, {"serverInternal", 500, Kind.SERVER},
                {"userActionRequired", 403, Kind.CONFIGURATION}, {"dns", 400, Kind.UNPROVED},
                {"externalAccountRequired", 403, Kind.CONFIGURATION}, {"unauthorized", 403, Kind.REFUSED},
            };
            for (Object[] row : table) {
                fixture.ca.script(FakeCa.Kind.NEW_ORDER, Fault.problem((Integer) row[1], (String) row[0]));
                assertThat(failure(issuer, request(new MemoryJournal(), "a.example"))
                                .kind())
                        .as((String) row[0])
                        .isEqualTo(row[2]);
            }
            await(issuer, request(new MemoryJournal(), "a.example"));
        }
    }

    @Test
    void A10_urlsElsewhere_areNotFollowed() throws Exception {
        String[] elsewhere = {
            "https://169.254.169.254/latest", "http://localhost/order", "file:///etc/passwd", "https://u:p@localhost/x"
        };
        for (String url : elsewhere) {
            try (AcmeFixture fixture = new AcmeFixture()) {
                for (FakeCa.Kind kind : List.of(FakeCa.Kind.NEW_ORDER, FakeCa.Kind.AUTHORIZATION, FakeCa.Kind.ORDER)) {
                    fixture.ca.heal();
                    fixture.ca.always(
                            kind,
                            Fault.rewrite(body -> body.replaceAll("https://localhost:\\d+/[a-z]+/\\d+[^\"]*", url)));
                    IssueException failure = failure(fixture.issuer(), request(new MemoryJournal(), "a.example"));
                    assertThat(failure.kind()).isEqualTo(Kind.SERVER);
                    assertThat(failure).hasMessageContaining(url);
                }
            }
        }
    }

    @Test
    void A12_caNotTrusted_network() {
        try (AcmeFixture fixture = new AcmeFixture()) {
            AcmeIssuer issuer = AcmeIssuer.builder(
                            fixture.ca.directory(), fixture.accountKey, fixture.clock, fixture.executor)
                    .trustedRoots(List.of(new TestCa().root()))
                    .build();
            IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
            assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
            assertThat(failure)
                    .hasMessageContaining(fixture.ca.directory() + ": its https")
                    .hasMessageContaining("--acme-root");
        }
    }

    @Test
    void A1_nobodyListens_network() {
        try (AcmeFixture fixture = new AcmeFixture();
                RefusingPort nobody = RefusingPort.open()) {
            URI directory = URI.create("https://127.0.0.1:" + nobody.number() + "/directory");
            AcmeIssuer issuer = AcmeIssuer.builder(directory, fixture.accountKey, fixture.clock, fixture.executor)
                    .responders(List.of(fixture.responder))
                    .build();
            IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
            assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
            assertThat(failure)
                    .hasMessageContaining("the CA cannot be reached at " + directory)
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void C9_certificateNotThereYet_isDownloadedAgain() throws Exception {
        try (AcmeFixture fixture = new AcmeFixture()) {
            Fault missing = Fault.reply(404, "");
            fixture.ca.script(FakeCa.Kind.CERTIFICATE, missing, missing, Fault.reply(500, ""));
            await(fixture.issuer(), request(new MemoryJournal(), "a.example"));
            assertThat(fixture.ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(4);
            assertThat(fixture.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        }
    }

    @Test
    void healthyName_besideAStalledOne_isIssuedMeanwhile() throws Exception {
        try (AcmeFixture fixture = new AcmeFixture()) {
            AcmeIssuer issuer = fixture.issuer(fixture.jumpingClock()); // the stall meets no deadline
            await(issuer, request(new MemoryJournal(), "warm.example"));
            fixture.ca.script(FakeCa.Kind.NEW_ORDER, Fault.stall());
            CompletableFuture<CertificateBundle> stalled = issuer.issue(request(new MemoryJournal(), "stalled.example"))
                    .toCompletableFuture();
            Await.until(() -> fixture.ca.count(FakeCa.Kind.NEW_ORDER) == 2);
            await(issuer, request(new MemoryJournal(), "healthy.example"));
            assertThat(stalled).isNotDone();
        }
    }

    /** Meets {@code fault} at each kind of request in turn, each with a CA of its own, all at the same time. */
    private static List<IssueException> everywhere(Fault fault, Set<FakeCa.Kind> harmless, Kind... expected)
            throws Exception {
        return meet(ALL.stream().map(kind -> new Trial(kind, fault, false)).toList(), harmless, expected);
    }

    /** As {@link #everywhere}, for answers that never come in full. */
    private static void stalledEverywhere(Fault fault, Set<FakeCa.Kind> harmless, Kind... expected) throws Exception {
        List<Trial> trials = ALL.stream()
                .map(kind -> new Trial(kind, fault, !harmless.contains(kind)))
                .toList();
        meet(trials, harmless, expected);
    }

    private static List<IssueException> meet(List<Trial> trials, Set<FakeCa.Kind> harmless, Kind... expected)
            throws Exception {
        try {
            List<CompletableFuture<CertificateBundle>> issues = new ArrayList<>();
            for (Trial trial : trials) {
                issues.add(
                        trial.issuer.issue(request(trial.journal, "a.example")).toCompletableFuture());
            }
            List<IssueException> failures = new ArrayList<>();
            for (int i = 0; i < trials.size(); i++) {
                Trial trial = trials.get(i);
                if (harmless.contains(trial.kind)) { // and may still be under way
                    trial.heal();
                    await(trial.issuer, request(new MemoryJournal(), "b.example"));
                    continue;
                }
                failures.add(failed(trial, issues.get(i), expected));
                trial.heal();
                await(trial.issuer, request(trial.journal, "a.example"));
                assertThat(trial.fixture.responder.answerable).isEmpty();
            }
            return failures;
        } finally {
            trials.forEach(trial -> trial.fixture.close());
        }
    }

    private static IssueException failed(Trial trial, CompletableFuture<CertificateBundle> issue, Kind... expected)
            throws Exception {
        try {
            throw new AssertionError(trial.kind + ": " + issue.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            assertThat(e.getCause()).as(trial.kind.name()).isInstanceOf(IssueException.class);
            IssueException failure = (IssueException) e.getCause();
            assertThat(failure.kind())
                    .as(trial.kind + ": " + failure.getMessage())
                    .isIn((Object[]) expected);
            assertThat(String.valueOf(failure.getMessage()))
                    .hasSizeLessThan(2000)
                    .doesNotContain("\u001b");
            return failure;
        }
    }
}
