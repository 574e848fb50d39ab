package org.autotls.acme;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.CaAnswers;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Orders, authorizations and challenges that are not as they should be; time is virtual. */
class HostileOrderTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final JumpingClock clock = fixture.jumpingClock();
    private final AcmeIssuer issuer = fixture.issuer(clock);
    private final MemoryJournal journal = new MemoryJournal();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void B7_pendingOrderGivenBack_isGoneOnWith() throws Exception {
        AtomicReference<FakeCa.Reply> first = new AtomicReference<>();
        ca.script(
                FakeCa.Kind.NEW_ORDER,
                (exchange, usual, closing) -> {
                    first.set(usual.reply());
                    exchange.close(); // once for the request,
                },
                (exchange, usual, closing) -> exchange.close(), // and once for its repetition
                (exchange, usual, closing) -> {
                    FakeCa.Reply lost = requireNonNull(first.get());
                    new FakeCa.Reply(200, lost.headers(), lost.body()).send(exchange);
                });
        assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.NETWORK);
        await(issuer, request(journal, "a.example"));
        assertThat(ca.orderedProfiles()).as("orders at the CA").hasSize(1);
    }

    @Test
    void B7_orderValidAtBirth_isNotOurs() throws Exception {
        ca.script(FakeCa.Kind.NEW_ORDER, status("valid"));
        IssueException failure = failure(issuer, request(journal, "a.example"));
        assertThat(failure).hasMessageContaining("not for a key of ours");
        assertThat(journal.load()).isEmpty();
        recover();
    }

    @Test
    void B8_orderInvalidForEver_oneNewOrderEachRun() throws Exception {
        ca.always(FakeCa.Kind.NEW_ORDER, status("invalid"));
        for (int run = 1; run <= 3; run++) {
            assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.UNPROVED);
            assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(run);
            assertThat(journal.load()).isEmpty();
        }
        recover();
    }

    @Test
    void B9_orderProcessingForHours_isParkedAndTheSameOrderResumed() throws Exception {
        ca.always(FakeCa.Kind.ORDER, Fault.rewrite(body -> body.replace("\"valid\"", "\"processing\"")));
        for (int run = 0; run < 3; run++) {
            IssueException parked = failure(issuer, request(journal, "a.example"));
            assertThat(parked.kind()).isEqualTo(Kind.SERVER);
            assertThat(parked).hasMessageContaining("the order is kept");
            clock.advance(Duration.ofHours(5));
        }
        assertThat(ca.count(FakeCa.Kind.ORDER)).as("looks in three runs").isLessThan(250);
        recover();
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        assertThat(ca.count(FakeCa.Kind.FINALIZE)).isEqualTo(1);
    }

    @Test
    void B10_orderReadyAgainAfterFinalize_isFinalizedAgainWithTheSameKey() throws Exception {
        ca.script(FakeCa.Kind.FINALIZE, (exchange, usual, closing) -> {
            String order =
                    "{\"status\":\"ready\",\"finalize\":\"" + ca.directory().resolve("/finalize/1") + "\"}";
            Fault.reply(200, order).answer(exchange, usual, closing);
        });
        await(issuer, request(journal, "a.example"));
        assertThat(ca.issued()).hasSize(1);
    }

    @Test
    void B12_authorizationsEmptyAbsentNullOrOdd_noCrash() throws Exception {
        for (String name : List.of("authorizations-empty", "no-authorizations", "authorizations-null")) {
            ca.script(FakeCa.Kind.NEW_ORDER, CaAnswers.named(name).fault());
            IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
            assertThat(failure.kind()).as(name).isEqualTo(Kind.SERVER);
            assertThat(failure).hasMessageContaining("authorizations");
        }
        recover();
    }

    @Test
    void B12_authorizationNamedTwice_isProvedOnce() throws Exception {
        ca.script(FakeCa.Kind.NEW_ORDER, CaAnswers.named("authorizations-twice").fault());
        await(issuer, request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.CHALLENGE)).isEqualTo(1);
    }

    @Test
    void B13_authorizationThatIsDead_isANewOrderNextTime() throws Exception {
        for (String dead : List.of("invalid", "deactivated", "expired", "revoked", "unheard-of", "")) {
            ca.always(FakeCa.Kind.AUTHORIZATION, status(dead));
            IssueException failure = failure(issuer, request(journal, "a.example"));
            assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
            assertThat(failure).hasMessageContaining("'" + dead + "'");
            assertThat(journal.load()).isEmpty();
            assertThat(fixture.responder.presented).isEmpty();
        }
        recover();
    }

    @Test
    void B15_challengeProcessingBeforeWeSaySo_isNotToldAgain() throws Exception {
        ca.script(
                FakeCa.Kind.AUTHORIZATION,
                rewrite(body -> body.replaceAll("(\"token\":\"[^\"]*\",\"status\":)\"pending\"", "$1\"processing\"")),
                status("valid"));
        ca.script(FakeCa.Kind.FINALIZE, Fault.problem(403, "orderNotReady"));
        ca.settings().looksUntilDone(0);
        IssueException parked = failure(issuer, request(journal, "a.example"));
        assertThat(parked).hasMessageContaining("the order is kept"); // this CA never looked, whatever it said
        assertThat(fixture.responder.presented).hasSize(1);
        recover();
    }

    @Test
    void B15_authorizationValidBeforeWeAnswer_isTaken() throws Exception {
        ca.script(FakeCa.Kind.CHALLENGE, (exchange, usual, closing) -> {
            usual.reply(); // somebody told it before
            Fault.problem(400, "malformed").answer(exchange, usual, closing);
        });
        await(issuer, request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void B15_responderStaysUpUntilTheAuthorizationIsFinal() throws Exception {
        ca.settings().looksUntilDone(5);
        ca.always(FakeCa.Kind.AUTHORIZATION, (exchange, usual, closing) -> {
            FakeCa.Reply reply = usual.reply();
            if (ca.count(FakeCa.Kind.CHALLENGE) > 0) {
                assertThat(fixture.responder.answerable).as("still answerable").hasSize(1);
            }
            reply.send(exchange);
        });
        await(issuer, request(journal, "a.example"));
        assertThat(fixture.responder.answerable).isEmpty();
    }

    @Test
    void B16_identifiersReorderedOrInUpperCase_areTheSame() throws Exception {
        ca.script(
                FakeCa.Kind.NEW_ORDER,
                rewrite(body -> body.replace("a.example", "#")
                        .replace("b.example", "A.EXAMPLE")
                        .replace("#", "B.Example")));
        await(issuer, request(journal, "a.example", "b.example"));
    }

    @Test
    void B16_identifiersChangedOrAdded_areAnError() throws Exception {
        for (String name : List.of("other-name", "bad-name")) {
            ca.script(FakeCa.Kind.NEW_ORDER, CaAnswers.named(name).fault());
            assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.SERVER);
        }
        ca.script(
                FakeCa.Kind.NEW_ORDER,
                rewrite(body -> body.replace(
                        "\"identifiers\":[", "\"identifiers\":[{\"type\":\"dns\",\"value\":\"evil.example\"},")));
        assertThat(failure(issuer, request(journal, "a.example"))).hasMessageContaining("evil.example");
        ca.script(FakeCa.Kind.AUTHORIZATION, CaAnswers.named("other-name").fault());
        assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.SERVER);
        assertThat(fixture.responder.presented).as("proved for somebody else").isEmpty();
        recover();
    }

    @Test
    void B17_problemsWithoutEnd_areKeptEscapedAndBounded() throws Exception {
        for (String name : List.of(
                "problem-hundred-subproblems",
                "problem-2000-subproblems",
                "problem-long-detail",
                "problem-long-type")) {
            ca.script(FakeCa.Kind.NEW_ORDER, CaAnswers.named(name).fault());
            IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
            assertThat(failure.getMessage()).hasSizeLessThan(4096).matches("[\\x20-\\x7e…]+");
            failure.problem().ifPresent(problem -> {
                assertThat(problem.detail()).hasSizeLessThanOrEqualTo(4096);
                assertThat(problem.subproblems()).hasSizeLessThanOrEqualTo(100);
            });
        }
        recover();
    }

    @Test
    void B19_oneBadNameOfSeveral_failsThatOrderOnly() throws Exception {
        ca.settings().validator((type, name, token, keyAuthorization) -> !name.equals("bad.example"));
        IssueException failure = failure(issuer, request(journal, "a.example", "bad.example", "c.example"));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("bad.example");
        CertificateBundle other = await(issuer, request(new MemoryJournal(), "b.example"));
        assertThat(other.identifiers()).hasToString("[b.example]");
        assertThat(fixture.responder.answerable).isEmpty();
    }

    private static Fault status(String status) {
        return rewrite(body -> body.replaceFirst("\"status\":\"[^\"]*\"", "\"status\":\"" + status + "\""));
    }

    private static Fault rewrite(UnaryOperator<String> change) {
        return Fault.rewrite(change);
    }

    private void recover() throws Exception {
        ca.heal();
        await(issuer, request(journal, "a.example"));
        assertThat(fixture.responder.answerable).isEmpty();
    }
}
