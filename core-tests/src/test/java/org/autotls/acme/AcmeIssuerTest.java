package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.autotls.CertificateBundle;
import org.autotls.Challenge;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssueRequest;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.Subject;
import org.autotls.acme.AcmeFixture.RecordingResponder;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AcmeIssuerTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final MemoryJournal journal = new MemoryJournal();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void issue_firstCertificate_sevenRequestsForTheOrder() throws Exception {
        AcmeIssuer issuer = fixture.issuer();
        CertificateBundle bundle = await(issuer, request(journal, "a.example"));
        assertThat(bundle.identifiers()).hasToString("[a.example]");
        assertThat(ca.requests())
                .containsExactly(
                        FakeCa.Kind.DIRECTORY,
                        FakeCa.Kind.NEW_NONCE,
                        FakeCa.Kind.NEW_ACCOUNT,
                        FakeCa.Kind.NEW_ORDER,
                        FakeCa.Kind.AUTHORIZATION,
                        FakeCa.Kind.CHALLENGE,
                        FakeCa.Kind.AUTHORIZATION,
                        FakeCa.Kind.FINALIZE,
                        FakeCa.Kind.ORDER,
                        FakeCa.Kind.CERTIFICATE);
        assertThat(fixture.responder.presented).hasSize(1);
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(journal.load().orElseThrow()).contains("PRIVATE KEY");
        await(issuer, request(new MemoryJournal(), "b.example"));
        assertThat(ca.requests()).as("account, directory and nonces are kept").hasSize(17);
    }

    @Test
    void issue_validatorLooks_challengeIsAnswerableOnlyThen() throws Exception {
        List<Boolean> seen = new CopyOnWriteArrayList<>(); // filled by the CA's threads
        ca.settings().validator((type, name, token, keyAuthorization) -> {
            seen.add(type.equals("http-01") && fixture.responder.answerable.contains(keyAuthorization));
            return true;
        });
        await(fixture.issuer(), request(journal, "a.example", "b.example"));
        assertThat(seen).containsExactly(true, true);
        assertThat(fixture.responder.answerable).isEmpty();
    }

    @Test
    void B11_authorizationAlreadyValid_publishesNothing() throws Exception {
        ca.settings().authorizationsValid(true);
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(fixture.responder.presented).isEmpty();
        assertThat(ca.count(FakeCa.Kind.CHALLENGE)).isZero();
    }

    @Test
    void B7_orderReadyAtBirth_isFinalizedAtOnce() throws Exception {
        ca.settings().ordersAreBorn("ready");
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.CHALLENGE)).isZero();
    }

    @Test
    void B10_orderNotReady_isLookedAtAndFinalizedAgain() throws Exception {
        ca.script(FakeCa.Kind.FINALIZE, Fault.problem(403, "orderNotReady"));
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.FINALIZE)).isEqualTo(2);
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void poll_caIsSlow_looksAgainUntilDone() throws Exception {
        ca.settings().looksUntilDone(4);
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.AUTHORIZATION)).isEqualTo(6);
        assertThat(ca.count(FakeCa.Kind.ORDER)).isEqualTo(5);
        assertThat(ca.count(FakeCa.Kind.CHALLENGE)).isEqualTo(1);
    }

    @Test
    void present_twoRespondersOfOneType_firstWins() throws Exception {
        RecordingResponder second = new RecordingResponder("http-01");
        AcmeIssuer issuer =
                fixture.builder().responders(List.of(fixture.responder, second)).build();
        await(issuer, request(journal, "a.example"));
        assertThat(fixture.responder.presented).hasSize(1);
        assertThat(second.presented).isEmpty();
    }

    @Test
    void present_usersOrderCounts_notTheCas() throws Exception {
        RecordingResponder alpn = new RecordingResponder("tls-alpn-01");
        AcmeIssuer issuer =
                fixture.builder().responders(List.of(alpn, fixture.responder)).build();
        await(issuer, request(journal, "a.example"));
        assertThat(alpn.presented).hasSize(1);
        assertThat(fixture.responder.presented).isEmpty();
    }

    @Test
    void present_wildcard_needsDns() throws Exception {
        assertThat(failure(fixture.issuer(), request(journal, "*.a.example")))
                .hasMessageContaining("dns-01")
                .hasMessageContaining("http-01")
                .extracting(IssueException::kind)
                .isEqualTo(Kind.CONFIGURATION);
        RecordingResponder dns = new RecordingResponder("dns-01");
        AcmeIssuer issuer =
                fixture.builder().responders(List.of(fixture.responder, dns)).build();
        await(issuer, request(new MemoryJournal(), "*.a.example", "a.example"));
        assertThat(dns.presented)
                .extracting(challenge -> challenge.identifier().value())
                .containsExactly("a.example");
        assertThat(fixture.responder.presented).hasSize(1);
    }

    @Test
    void B14_noUsableChallenge_namesBothLists() {
        ca.settings().challengeTypes("sms-01", "tls-alpn-01");
        IssueException failure = failure(fixture.issuer(), request(journal, "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("[sms-01, tls-alpn-01]").hasMessageContaining("[http-01]");
    }

    @Test
    void K8_firstResponderFails_nextOneIsTried() throws Exception {
        Responder broken = new Responder() {
            @Override
            public String challengeType() {
                return "tls-alpn-01";
            }

            @Override
            public Presentation present(Challenge challenge) {
                throw new IllegalStateException("the port is taken");
            }

            @Override
            public void cleanUp(Presentation presentation) {
                throw new IllegalStateException("never presented");
            }
        };
        AcmeIssuer issuer =
                fixture.builder().responders(List.of(broken, fixture.responder)).build();
        await(issuer, request(journal, "a.example"));
        IssueException failure = failure(
                fixture.builder().responders(List.of(broken)).build(), request(new MemoryJournal(), "b.example"));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure.getCause()).hasMessage("the port is taken");
    }

    @Test
    void issue_challengeNotMet_unprovedWithTheCasReason() throws Exception {
        ca.settings().validator((type, name, token, keyAuthorization) -> !name.equals("b.example"));
        IssueException failure = failure(fixture.issuer(), request(journal, "a.example", "b.example"));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("b.example").hasMessageContaining("found another answer");
        assertThat(failure.problem().orElseThrow().type()).isEqualTo("unauthorized");
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(journal.load()).as("a dead order is not kept").isEmpty();
        ca.settings().validator((type, name, token, keyAuthorization) -> true);
        await(fixture.issuer(), request(journal, "a.example", "b.example"));
    }

    @Test
    void terms_notAgreed_nothingIsSentAndTheMessageSaysHow() throws Exception {
        ca.settings().termsOfService("https://ca.example/terms-v7");
        IssueException failure = failure(fixture.issuer(), request(journal, "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("https://ca.example/terms-v7").hasMessageContaining("--agree-tos");
        assertThat(ca.requests()).containsExactly(FakeCa.Kind.DIRECTORY);
        AcmeIssuer agreeing = fixture.builder()
                .responders(List.of(fixture.responder))
                .termsAgreed(true)
                .build();
        await(agreeing, request(journal, "a.example"));
    }

    @Test
    void email_registeredThenChanged_accountIsUpdated() throws Exception {
        AcmeIssuerBuilder builder = fixture.builder().responders(List.of(fixture.responder));
        await(builder.email("a@a.example").build(), request(journal, "a.example"));
        assertThat(ca.contacts()).containsExactly(List.of("mailto:a@a.example"));
        assertThat(ca.count(FakeCa.Kind.ACCOUNT)).isZero();
        await(builder.email("b@a.example").build(), request(new MemoryJournal(), "a.example"));
        assertThat(ca.contacts()).containsExactly(List.of("mailto:b@a.example"));
        await(builder.build(), request(new MemoryJournal(), "a.example"));
        assertThat(ca.count(FakeCa.Kind.ACCOUNT))
                .as("no update without a change")
                .isEqualTo(1);
    }

    @Test
    void B1_caWasWiped_registersAgainOnce() throws Exception {
        AcmeIssuer issuer = fixture.issuer();
        await(issuer, request(journal, "a.example"));
        ca.forgetEverything();
        await(issuer, request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(2);
        ca.always(FakeCa.Kind.NEW_ORDER, Fault.problem(400, "accountDoesNotExist"));
        IssueException failure = failure(issuer, request(new MemoryJournal(), "b.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(3);
    }

    @Test
    void B2_accountDeactivated_isAMatterOfConfiguration() {
        ca.always(FakeCa.Kind.NEW_ACCOUNT, Fault.problem(401, "unauthorized"));
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isEqualTo(Kind.CONFIGURATION);
        assertThat(ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(1);
    }

    @Test
    void issue_manyAtOnce_oneAccountAndOneDirectory() throws Exception {
        AcmeIssuer issuer = fixture.issuer();
        List<CompletableFuture<CertificateBundle>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(issuer.issue(request(new MemoryJournal(), "n" + i + ".example"))
                    .toCompletableFuture());
        }
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
                .get(60, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(1);
        assertThat(ca.count(FakeCa.Kind.DIRECTORY)).isEqualTo(1);
        assertThat(ca.issued()).hasSize(20);
    }

    @Test
    void A16_halfOfAllNoncesRefused_allIssued() throws Exception {
        ca.settings().badNoncePercent(50);
        AcmeIssuer issuer = fixture.issuer();
        for (int i = 0; i < 5; i++) {
            await(issuer, request(new MemoryJournal(), "n" + i + ".example"));
        }
        assertThat(ca.count(FakeCa.Kind.NEW_NONCE))
                .as("refusals bring their own nonce")
                .isLessThanOrEqualTo(2);
    }

    @Test
    void A16_allNoncesRefused_boundedAndTheServersTrouble() {
        ca.settings().badNoncePercent(100);
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isEqualTo(Kind.SERVER);
        assertThat(ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(20);
    }

    @Test
    void A16_nineOfTenNoncesRefused_finishesByResuming() throws Exception {
        ca.settings().badNoncePercent(90);
        AcmeIssuer issuer = fixture.issuer();
        int tries = 0;
        for (boolean done = false; !done && tries < 100; tries++) {
            try {
                await(issuer, request(journal, "a.example"));
                done = true;
            } catch (IssueException e) {
                assertThat(e.kind()).isEqualTo(Kind.SERVER);
            }
        }
        assertThat(ca.issued()).hasSize(1);
    }

    @Test
    void A11_directoryMoves_isReadAgain() throws Exception {
        AcmeIssuer issuer = fixture.issuer();
        await(issuer, request(journal, "a.example"));
        ca.script(FakeCa.Kind.NEW_ORDER, Fault.reply(404, "moved"));
        await(issuer, request(new MemoryJournal(), "a.example"));
        assertThat(ca.count(FakeCa.Kind.DIRECTORY)).isEqualTo(2);
    }

    @Test
    void issue_cancelledWhileValidating_stopsAndCleansUp() {
        AtomicBoolean cancelled = new AtomicBoolean();
        ca.settings().validator((type, name, token, keyAuthorization) -> {
            cancelled.set(true);
            return true;
        });
        IssueRequest request = new IssueRequest(Subject.of("a.example"), AcmeFixture::newKey, journal, cancelled::get);
        assertThat(failure(fixture.issuer(), request).kind()).isEqualTo(Kind.STOPPED);
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(ca.count(FakeCa.Kind.FINALIZE)).isZero();
    }

    @Test
    void issue_executorShutDown_failsStopped() {
        fixture.executor.shutdownNow();
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isEqualTo(Kind.STOPPED);
    }

    @Test
    void build_badValues_areNamed() {
        assertThatThrownBy(() -> AcmeIssuer.builder(
                                URI.create("http://ca.example/dir"),
                                fixture.accountKey,
                                fixture.clock,
                                fixture.executor)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://ca.example/dir")
                .hasMessageContaining("https");
        assertThatThrownBy(() -> fixture.builder().email("no address"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no address");
        assertThatThrownBy(() -> fixture.builder().timeout(Duration.ZERO).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
    }
}
