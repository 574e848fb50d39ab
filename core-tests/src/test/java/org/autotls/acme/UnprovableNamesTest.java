package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.autotls.AttemptRecord;
import org.autotls.Challenge;
import org.autotls.DomainNames;
import org.autotls.ExternalAccount;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssuingService;
import org.autotls.OrderBudget;
import org.autotls.OrderLimits;
import org.autotls.Presentation;
import org.autotls.RateLimit;
import org.autotls.Responder;
import org.autotls.ServiceListener;
import org.autotls.Subject;
import org.autotls.acme.AcmeFixture.RecordingResponder;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What nothing that is answered here could prove is found before the CA is asked for anything. */
class UnprovableNamesTest {

    private static final String MAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final MemoryJournal journal = new MemoryJournal();
    private final RecordingResponder dns = new RecordingResponder("dns-01");

    @AfterEach
    void close() {
        fixture.close();
    }

    private AcmeIssuer issuer(Responder... responders) {
        return fixture.builder().responders(List.of(responders)).build();
    }

    @Test
    void wildcardWithoutDns_theCaGetsNoRequest() {
        IssueException failure = failure(fixture.issuer(), request(journal, "a.example", "*.a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure)
                .hasMessage("no way to prove *.a.example: answered here are [http-01];"
                        + " a wildcard needs --challenge dns-01:...");
        assertThat(ca.requests()).isEmpty();
    }

    @Test
    void addressByDnsAlone_theCaGetsNoRequest() {
        IssueException failure = failure(issuer(dns), request(journal, "192.0.2.1"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessage("no way to prove 192.0.2.1: answered here are [dns-01]");
        assertThat(failure(issuer(dns), request(journal, "2001:db8::1")).kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(ca.requests()).isEmpty();
    }

    @Test
    void nameWithResponderOfEachKind_isOrdered() throws Exception {
        await(issuer(fixture.responder, dns), request(journal, "*.a.example", "192.0.2.1"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    /** Whether the CA offers a type that others have brought is the CA's to say. */
    @Test
    void responderOfAnotherDnsType_theCaIsAsked() {
        IssueException failure =
                failure(issuer(new RecordingResponder("dns-other-01")), request(journal, "*.a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure)
                .hasMessage("no way to prove *.a.example: the CA offers [dns-01], and answered here are [dns-other-01];"
                        + " a wildcard needs --challenge dns-01:...");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void noResponderAtAll_theCaIsAsked() throws Exception {
        ca.settings().authorizationsValid(true);
        await(issuer(), request(journal, "*.a.example"));
        assertThat(ca.issued()).hasSize(1);
    }

    /** A CA that knows its customers may have looked at their domains long before. */
    @Test
    void accountIsBound_theCaIsAsked() throws Exception {
        ca.settings().externalAccounts(Map.of("kid-1", MAC_KEY)).authorizationsValid(true);
        AcmeIssuer issuer = fixture.builder()
                .responders(List.of(fixture.responder))
                .externalAccount(ExternalAccount.of("kid-1", MAC_KEY))
                .build();
        await(issuer, request(journal, "*.a.example"));
        assertThat(ca.issued()).hasSize(1);
    }

    @Test
    void orderOfAnEarlierRun_isGoneOnWith() throws Exception {
        ca.script(FakeCa.Kind.FINALIZE, Fault.reply(500, "oops"));
        assertThat(failure(issuer(dns), request(journal, "*.a.example")).kind()).isEqualTo(Kind.SERVER);
        await(fixture.issuer(), request(journal, "*.a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void orderOfAnEarlierRunIsLost_noOtherIsPlaced() {
        ca.script(FakeCa.Kind.FINALIZE, Fault.reply(500, "oops"));
        assertThat(failure(issuer(dns), request(journal, "*.a.example")).kind()).isEqualTo(Kind.SERVER);
        ca.script(FakeCa.Kind.ORDER, Fault.problem(404, "malformed"));
        assertThat(failure(fixture.issuer(), request(journal, "*.a.example")).kind())
                .isEqualTo(Kind.CONFIGURATION);
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void whatAnEarlierRunLeft_isUndone() {
        Responder stuck = new Responder() {
            @Override
            public String challengeType() {
                return "http-01";
            }

            @Override
            public Presentation present(Challenge challenge) {
                return fixture.responder.present(challenge);
            }

            @Override
            public void cleanUp(Presentation presentation) {
                throw new IssueException(Kind.NETWORK, "no answer");
            }
        };
        ca.settings().validator((type, name, token, key) -> false);
        assertThat(failure(issuer(stuck, dns), request(journal, "a.example", "*.a.example"))
                        .kind())
                .isEqualTo(Kind.UNPROVED);
        assertThat(fixture.responder.answerable).hasSize(1);
        assertThat(failure(fixture.issuer(), request(journal, "a.example", "*.a.example"))
                        .kind())
                .isEqualTo(Kind.CONFIGURATION);
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void service_showsItAsOneFailure_triesDaily_andSpendsNoOrder() throws Exception {
        MemoryStore store = new MemoryStore(fixture.clock);
        Subject subject = Subject.of("*.a.example");
        store.request(subject);
        AcmeIssuer issuer = fixture.builder()
                .responders(List.of(fixture.responder))
                .budget(OrderBudget.stored(
                        store,
                        "https://ca.example/",
                        OrderLimits.perAccount(new RateLimit(3, Duration.ofHours(3))),
                        DomainNames.NONE,
                        fixture.executor))
                .build();
        int allowed = issuer.allowance(Instant.now()).orders();
        CompletableFuture<Subject> failed = new CompletableFuture<>();
        try (IssuingService service = IssuingService.builder(store, store, () -> issuer)
                .scheduler(fixture.clock)
                .executor(fixture.executor)
                .panic((failure, panicking) -> {})
                .listener(new ServiceListener() {
                    @Override
                    public void failed(Subject which, RuntimeException failure, Instant nextAttempt) {
                        failed.complete(which);
                    }
                })
                .build()) {
            service.start();
            assertThat(failed).succeedsWithin(60, TimeUnit.SECONDS).isEqualTo(subject);
            AttemptRecord shown = service.status().get(0).attempts();
            assertThat(shown.failures()).isEqualTo(1);
            assertThat(shown.kind()).isEqualTo("CONFIGURATION");
            assertThat(shown.message()).startsWith("no way to prove *.a.example");
            assertThat(shown.nextAttempt()).isAfter(shown.failedAt().plus(Duration.ofHours(11)));
        }
        assertThat(issuer.allowance(Instant.now()).orders()).isEqualTo(allowed);
        assertThat(ca.requests()).isEmpty();
    }
}
