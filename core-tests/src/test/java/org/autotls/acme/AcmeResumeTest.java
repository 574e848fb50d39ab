package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.CertificateBundle;
import org.autotls.Challenge;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssueJournal;
import org.autotls.IssueRequest;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.Subject;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process that dies at any step, and the next one, which has only the journal and the account key. */
class AcmeResumeTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final MemoryJournal journal = new MemoryJournal();

    @AfterEach
    void close() {
        fixture.close();
    }

    /** The death of a process: the n-th thing that it does outside is its last, done or not done; nothing follows. */
    private static final class Death {

        private final AtomicInteger left;
        private final boolean lastIsDone;

        Death(int steps, boolean lastIsDone) {
            this.left = new AtomicInteger(steps);
            this.lastIsDone = lastIsDone;
        }

        void step(Runnable action) {
            int before = left.getAndDecrement();
            if (before > 1 || (before == 1 && lastIsDone)) {
                action.run();
            }
            if (before <= 1) {
                throw new IllegalStateException("killed");
            }
        }

        boolean isDead() {
            return left.get() <= 0;
        }

        /** Requests are steps of a kind that only goes undone: an answer that is lost is another test. */
        boolean cancelled() {
            return left.decrementAndGet() <= 0;
        }
    }

    private record DyingJournal(IssueJournal real, Death death) implements IssueJournal {

        @Override
        public Optional<String> load() {
            return real.load();
        }

        @Override
        public void save(String text) {
            death.step(() -> real.save(text));
        }

        @Override
        public void clear() {
            death.step(real::clear);
        }
    }

    private record DyingResponder(Responder real, Death death) implements Responder {

        @Override
        public String challengeType() {
            return real.challengeType();
        }

        @Override
        public Presentation present(Challenge challenge) {
            death.step(() -> real.present(challenge));
            return new Presentation(challengeType(), challenge.identifier(), challenge.keyAuthorization());
        }

        @Override
        public void cleanUp(Presentation presentation) {
            death.step(() -> real.cleanUp(presentation));
        }
    }

    @Test
    @Tag("long")
    void E_killedAtAnyStep_nextRunFinishesWithAtMostOneMoreOrder() throws Exception {
        int survived = 0;
        for (int steps = 1; survived < 2; steps++) {
            assertThat(steps).as("steps of one issuance").isLessThan(60);
            for (boolean lastIsDone : new boolean[] {false, true}) {
                survived = dieAndResume(steps, lastIsDone) ? survived + 1 : 0;
            }
        }
    }

    private boolean dieAndResume(int steps, boolean lastIsDone) throws Exception {
        Death death = new Death(steps, lastIsDone);
        MemoryJournal kept = new MemoryJournal();
        long orders = ca.count(FakeCa.Kind.NEW_ORDER);
        IssueRequest first = new IssueRequest(
                Subject.of("a.example", "b.example"),
                AcmeFixture::newKey,
                new DyingJournal(kept, death),
                death::cancelled);
        boolean survived = false;
        try {
            await(
                    fixture.builder()
                            .responders(List.of(new DyingResponder(fixture.responder, death)))
                            .build(),
                    first);
            survived = !death.isDead();
        } catch (RuntimeException e) {
            assertThat(death.isDead()).as("died at %s, %s", steps, e).isTrue();
        }
        CertificateBundle bundle = await(fixture.issuer(), request(kept, "a.example", "b.example"));
        assertThat(bundle.identifiers()).hasSize(2);
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER) - orders)
                .as("orders, died at %s", steps)
                .isLessThanOrEqualTo(2);
        assertThat(fixture.responder.answerable)
                .as("left behind, died at %s", steps)
                .isEmpty();
        assertThat(ca.contacts()).as("accounts").hasSize(1);
        return survived;
    }

    @Test
    void E9_answerToFinalizeLost_sameOrderAndKey() throws Exception {
        ca.always(FakeCa.Kind.FINALIZE, Fault.loseAnswer());
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isEqualTo(Kind.NETWORK);
        ca.heal();
        CertificateBundle bundle = await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        assertThat(ca.issued()).containsExactly(bundle.leaf());
    }

    @Test
    void E10_validButNotDownloaded_isDownloaded() throws Exception {
        ca.always(FakeCa.Kind.CERTIFICATE, Fault.reply(503, "", "Retry-After", "5"));
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isEqualTo(Kind.RATE_LIMITED);
        ca.heal();
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        assertThat(ca.count(FakeCa.Kind.FINALIZE)).isEqualTo(1);
    }

    @Test
    void B8_journalledOrderInvalid_newOrderInTheSameRun() throws Exception {
        ca.settings().validator((type, name, token, keyAuthorization) -> false);
        ca.always(FakeCa.Kind.AUTHORIZATION, Fault.rewrite(body -> body.replace("invalid", "pending")));
        ca.script(FakeCa.Kind.CHALLENGE, Fault.problem(500, "serverInternal"));
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isEqualTo(Kind.SERVER);
        assertThat(journal.load().orElseThrow()).contains("/order/");
        ca.heal();
        ca.script(FakeCa.Kind.ORDER, Fault.rewrite(body -> body.replace("\"pending\"", "\"invalid\"")));
        ca.settings().validator((type, name, token, keyAuthorization) -> true);
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
    }

    @Test
    void resume_orderGone_newOrderInTheSameRun() throws Exception {
        journal.save(new Progress(
                        ca.directory().toString(),
                        ca.directory().resolve("/order/4711").toString(),
                        "",
                        List.of())
                .toJson());
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void resume_orderOfAnotherCa_isNotAskedFor() throws Exception {
        journal.save(
                new Progress("https://other.example/dir", "https://other.example/order/1", "", List.of()).toJson());
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.ORDER)).isEqualTo(1);
    }

    @Test
    void resume_journalledOrderOnAnotherHost_newOrder() throws Exception {
        journal.save(new Progress(ca.directory().toString(), "https://other.example/order/1", "", List.of()).toJson());
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void B9_orderNotFinishedInTime_isParkedAndResumed() throws Exception {
        ca.always(FakeCa.Kind.AUTHORIZATION, (exchange, usual, closing) -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            usual.reply().send(exchange);
        });
        ca.settings().looksUntilDone(5);
        IssueException parked = failure(fixture.issuer(), request(journal, "a.example"));
        assertThat(parked.kind()).isEqualTo(Kind.SERVER);
        assertThat(parked.retryAt()).isPresent();
        assertThat(fixture.responder.answerable).isEmpty();
        ca.heal();
        await(fixture.issuer(), request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        assertThat(ca.count(FakeCa.Kind.CHALLENGE)).isEqualTo(2);
    }
}
