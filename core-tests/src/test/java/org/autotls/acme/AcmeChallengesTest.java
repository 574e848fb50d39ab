package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How responders that take long, or fail, are called. */
class AcmeChallengesTest {

    private final AcmeFixture fixture = new AcmeFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    /** Passes on to the fixture's responder, which the CA looks at, after something of its own. */
    private abstract class Before implements Responder {

        @Override
        public String challengeType() {
            return "http-01";
        }

        @Override
        public Presentation present(Challenge challenge) {
            before(challenge);
            return fixture.responder.present(challenge);
        }

        @Override
        public void cleanUp(Presentation presentation) {
            fixture.responder.cleanUp(presentation);
        }

        abstract void before(Challenge challenge);
    }

    @Test
    void present_severalNames_goesOnAtOnce() throws Exception {
        CyclicBarrier all = new CyclicBarrier(3);
        Responder slow = new Before() {
            @Override
            void before(Challenge challenge) {
                try {
                    all.await(60, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new AssertionError("the others were not presented meanwhile", e);
                }
            }
        };
        AcmeIssuer issuer = fixture.builder().responders(List.of(slow)).build();
        AcmeFixture.await(issuer, AcmeFixture.request(new MemoryJournal(), "a.example", "b.example", "c.example"));
        assertThat(fixture.responder.answerable).isEmpty();
    }

    /** The first order ends, since its other name fails, before the CA has looked at the name that both have. */
    @Test
    void L3_twoOrdersWithOneChallenge_theFirstToEndLeavesItToTheOther() throws Exception {
        CountDownLatch firstPresents = new CountDownLatch(1);
        CountDownLatch secondPresents = new CountDownLatch(1);
        CountDownLatch firstEnded = new CountDownLatch(1);
        Responder responder = new Before() {
            @Override
            void before(Challenge challenge) {
                if (challenge.identifier().equals(Identifier.of("b.example"))) {
                    until(secondPresents);
                    throw new IssueException(Kind.UNPROVED, "not today");
                }
            }

            @Override
            public Presentation present(Challenge challenge) {
                Presentation presentation = super.present(challenge);
                if (firstPresents.getCount() > 0) {
                    firstPresents.countDown();
                } else {
                    secondPresents.countDown();
                    until(firstEnded);
                }
                return presentation;
            }
        };
        fixture.ca
                .settings()
                .pendingReused(true)
                .validator((type, identifier, token, key) -> fixture.responder.answerable.contains(key));
        AcmeIssuer issuer = fixture.builder().responders(List.of(responder)).build();
        MemoryJournal journal = new MemoryJournal();
        CompletableFuture<?> first = issuer.issue(AcmeFixture.request(journal, "a.example", "b.example"))
                .toCompletableFuture()
                .whenComplete((bundle, failure) -> firstEnded.countDown());
        until(firstPresents);
        AcmeFixture.await(issuer, AcmeFixture.request(new MemoryJournal(), "a.example"));
        assertThat(first).failsWithin(Duration.ofSeconds(60)); // its event comes a moment before
        assertThat(journal.load().orElse("")).contains("\"published\":[]");
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(fixture.responder.presented)
                .extracting(Challenge::token)
                .hasSize(2)
                .containsOnly(fixture.responder.presented.element().token());
    }

    private static void until(CountDownLatch event) {
        try {
            assertThat(event.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void L8_responderThatFailsForOneName_undoesTheOthersAndTellsWhy() {
        Responder picky = new Before() {
            @Override
            void before(Challenge challenge) {
                if (challenge.identifier().equals(Identifier.of("b.example"))) {
                    throw new IssueException(Kind.UNPROVED, "not today");
                }
            }
        };
        AcmeIssuer issuer = fixture.builder().responders(List.of(picky)).build();
        MemoryJournal journal = new MemoryJournal();
        IssueException failure = AcmeFixture.failure(issuer, AcmeFixture.request(journal, "a.example", "b.example"));
        assertThat(failure).hasMessage("not today");
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(journal.load().orElse("")).contains("\"published\":[]");
    }

    @Test
    void L5_whatAStoppedResponderMayHaveLeft_isUndoneByName() {
        List<String> undone = Collections.synchronizedList(new ArrayList<>());
        Responder stopped = new Before() {
            @Override
            void before(Challenge challenge) {
                throw new IssueException(Kind.STOPPED, "interrupted");
            }

            @Override
            public void undo(Challenge challenge) {
                undone.add(challenge.identifier().value());
            }
        };
        AcmeIssuer issuer = fixture.builder().responders(List.of(stopped)).build();
        IssueException failure =
                AcmeFixture.failure(issuer, AcmeFixture.request(new MemoryJournal(), "a.example", "b.example"));
        assertThat(failure.kind()).isEqualTo(Kind.STOPPED);
        assertThat(undone).containsExactlyInAnyOrder("a.example", "b.example");
    }

    @Test
    void L5_whatCouldNotBeUndone_staysInTheJournalForTheNextRun() {
        boolean[] broken = {true};
        Responder responder = new Before() {
            @Override
            void before(Challenge challenge) {
                if (broken[0] && challenge.identifier().equals(Identifier.of("b.example"))) {
                    throw new IssueException(Kind.UNPROVED, "not today");
                }
            }

            @Override
            public void cleanUp(Presentation presentation) {
                if (broken[0]) {
                    throw new IssueException(Kind.NETWORK, "no answer");
                }
                super.cleanUp(presentation);
            }
        };
        AcmeIssuer issuer = fixture.builder().responders(List.of(responder)).build();
        MemoryJournal journal = new MemoryJournal();
        AcmeFixture.failure(issuer, AcmeFixture.request(journal, "a.example", "b.example"));
        assertThat(fixture.responder.answerable).hasSize(1);
        assertThat(journal.load().orElse("")).contains("a.example").doesNotContain("\"b.example\"");
        broken[0] = false;
        try {
            AcmeFixture.await(issuer, AcmeFixture.request(journal, "a.example", "b.example"));
        } catch (Exception e) {
            throw new AssertionError("the next run failed", e);
        }
        assertThat(fixture.responder.answerable).isEmpty();
    }

    /** The order succeeds, and what it could not undo is undone by what is stored alone: no CA, no account key. */
    @Test
    void L5_leftovers_areUndoneByAnotherProcess() throws Exception {
        Responder stuck = new Before() {
            @Override
            void before(Challenge challenge) {}

            @Override
            public void cleanUp(Presentation presentation) {
                throw new IssueException(Kind.NETWORK, "no answer");
            }
        };
        MemoryJournal journal = new MemoryJournal();
        AcmeIssuer issuer = fixture.builder().responders(List.of(stuck)).build();
        AcmeFixture.await(issuer, AcmeFixture.request(journal, "a.example", "b.example"));
        String leftovers = issuer.leftovers(journal.load().orElseThrow()).orElseThrow();
        assertThat(leftovers).contains("a.example", "b.example").doesNotContain("PRIVATE KEY", "/order/");
        assertThat(fixture.responder.answerable).hasSize(2);
        assertThat(left(issuer, leftovers)).as("still stuck").contains(leftovers);
        AcmeIssuer next =
                fixture.builder().responders(List.of(fixture.responder)).build();
        assertThat(left(next, leftovers)).isEmpty();
        assertThat(fixture.responder.answerable).isEmpty();
        assertThat(left(next, leftovers)).as("again").isEmpty();
        assertThat(left(fixture.builder().build(), leftovers))
                .as("no responder of that type any more")
                .contains(leftovers);
    }

    private static Optional<String> left(AcmeIssuer issuer, String leftovers) throws Exception {
        return issuer.cleanUp(leftovers).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
