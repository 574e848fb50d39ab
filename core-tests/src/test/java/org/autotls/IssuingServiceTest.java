package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.autotls.ServiceRig.failureOf;
import static org.autotls.ServiceRig.isDone;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.autotls.IssueException.Kind;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The original's contract, line by line, on virtual time. */
class IssuingServiceTest {

    private final ServiceRig rig = new ServiceRig();

    @Test
    void start_emptyStore_certsAreValidAtOnce() {
        try (IssuingService service = rig.started()) {
            assertThat(isDone(service.whenCertsValid())).isTrue();
            assertThat(rig.issuer.calls()).isZero();
            assertThat(service.status()).isEmpty();
        }
    }

    @Test
    void start_allValid_issuesNothing() {
        rig.stored("a.example", Duration.ofDays(60));
        rig.stored("b.example", Duration.ofDays(31));
        try (IssuingService service = rig.started()) {
            assertThat(isDone(service.whenCertsValid())).isTrue();
            assertThat(rig.issuer.calls()).isZero();
            assertThat(service.status()).extracting(SubjectStatus::reason).containsOnly(RenewalDecision.Reason.VALID);
        }
    }

    @Test
    void start_expiredEmptyAndPanicking_issuesThemMostUrgentFirst() {
        rig.stored("valid.example", Duration.ofDays(60));
        rig.stored("panicking.example", Duration.ofDays(14));
        rig.stored("reissue.example", Duration.ofDays(20));
        rig.stored("expired.example", Duration.ofDays(-3));
        rig.requested("empty.example");
        try (IssuingService service = rig.started()) {
            assertThat(rig.issuer.asked())
                    .extracting(Subject::name)
                    .containsExactly("expired.example", "panicking.example", "empty.example", "reissue.example");
            assertThat(isDone(service.whenCertsValid())).isTrue();
            assertThat(rig.left("panicking.example")).isEqualTo(Duration.ofDays(90));
            assertThat(rig.left("empty.example")).isEqualTo(Duration.ofDays(90));
            assertThat(rig.panics).isEmpty();
        }
    }

    @Test
    void start_certsValid_waitsForThePanickingOnesOnly() {
        rig.stored("panicking.example", Duration.ofDays(14));
        rig.stored("reissue.example", Duration.ofDays(20));
        rig.issuer.hang();
        try (IssuingService service = rig.started()) {
            assertThat(isDone(service.whenCertsValid())).isFalse();
            rig.issuer.answer(subject -> new FakeIssuer.Answer.Hang());
            rig.issuer.release(FakeIssuer.Answer.failure(new IssueException(Kind.NETWORK, "down")));
            assertThat(service.whenCertsValid()).isCompleted();
        }
    }

    @Test
    void march_36hAtATime_neverPanicsAndNeverExpires() {
        rig.stored("a.example", Duration.ofDays(60));
        rig.stored("b.example", Duration.ofDays(31));
        rig.requested("c.example");
        try (IssuingService service = rig.started()) {
            rig.march(Duration.ofHours(36), Duration.ofDays(720), () -> {
                for (String name : List.of("a.example", "b.example", "c.example")) {
                    assertThat(rig.left(name)).isGreaterThan(Duration.ofDays(26));
                }
            });
            assertThat(rig.panics).isEmpty();
            assertThat(rig.issuer.calls()).isBetween(30, 38); // every 60 to 63 days
            assertThat(rig.checks).isEqualTo(721);
        }
    }

    @Test
    void failure_outsideThePanicInterval_isRetriedWithoutPanic() {
        rig.stored("a.example", Duration.ofDays(20));
        rig.issuer.fail(Kind.NETWORK);
        try (IssuingService service = rig.started()) {
            assertThat(isDone(service.whenCertsValid())).isTrue();
            assertThat(rig.panics).isEmpty();
            rig.clock.advance(Duration.ofSeconds(91));
            assertThat(rig.issuer.calls()).isEqualTo(2);
            rig.issuer.succeed();
            rig.clock.advance(Duration.ofMinutes(16));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofDays(89));
            assertThat(rig.panics).isEmpty();
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void failure_insideThePanicInterval_panicsOnEachTry() {
        rig.stored("a.example", Duration.ofDays(10));
        rig.issuer.fail(Kind.NETWORK);
        try (IssuingService service = rig.started()) {
            assertThat(rig.panics).containsExactly(Subject.of("a.example"));
            assertThat(rig.panicCauses.get(0)).isInstanceOf(IssueException.class);
            rig.clock.advance(Duration.ofSeconds(91));
            assertThat(rig.panics).hasSize(2);
            assertThat(service.status().get(0).attempts().failures()).isEqualTo(2);
        }
    }

    @Test
    void failingCheck_isLoggedAndDoesNotEndTheService() {
        rig.requested("a.example");
        FlakyStore flaky = new FlakyStore(rig.store);
        flaky.down = true;
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            assertThat(isDone(service.whenCertsValid())).isFalse();
            rig.clock.advance(Duration.ofDays(3));
            assertThat(rig.issuer.calls()).isZero();
            flaky.down = false;
            rig.clock.advance(Duration.ofHours(1));
            assertThat(isDone(service.whenCertsValid())).isTrue();
            assertThat(rig.issuer.calls()).isEqualTo(1);
        }
    }

    @Test
    void failingCheck_afterTheFirst_isRepeatedSoonerThanTheNextCheck() {
        FlakyStore flaky = new FlakyStore(rig.store);
        try (IssuingService service =
                rig.builder(flaky, flaky).storeInterval(Duration.ofSeconds(1)).build()) {
            service.start();
            flaky.down = true;
            rig.requested("a.example");
            rig.clock.advance(Duration.ofHours(1));
            assertThat(flaky.lists).isLessThan(80); // every minute, not every second
            flaky.down = false;
            rig.clock.advance(Duration.ofMinutes(1));
            assertThat(rig.issuer.calls()).isEqualTo(1);
        }
    }

    @Test
    void stop_whileTheCaHangs_failsEverythingThatWaits() {
        rig.requested("a.example");
        rig.issuer.hang();
        IssuingService service = rig.started();
        var valid = service.whenCertsValid();
        var asked = service.issueCert(Subject.of("b.example"));
        service.stop();
        service.stop();
        assertThat(failureOf(valid))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.STOPPED));
        assertThat(failureOf(asked))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.STOPPED));
        assertThat(rig.panics).isEmpty();
        rig.issuer.release(FakeIssuer.Answer.success());
        rig.clock.advance(Duration.ofDays(2));
        assertThat(rig.saved).isEmpty();
        assertThat(rig.clock.pending()).isZero();
    }

    @Test
    void stop_whileTheCaHangs_theNextStartResumesAtOnce() {
        rig.requested("a.example");
        rig.issuer.hang();
        rig.started().stop();
        rig.issuer.succeed();
        try (IssuingService next = rig.started()) {
            assertThat(isDone(next.whenCertsValid())).isTrue();
            assertThat(rig.left("a.example")).isEqualTo(Duration.ofDays(90));
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(rig.store.keys("attempts/")).isEmpty();
        }
    }

    @Test
    void issueCert_valid_isReplacedWithANewKeyAndSerial() {
        CertificateBundle old = rig.stored("a.example", Duration.ofDays(80));
        try (IssuingService service = rig.started()) {
            var issued = service.issueCert(Subject.of("a.example"));
            assertThat(issued).isCompleted();
            assertThat(rig.bundle("a.example").serial()).isNotEqualTo(old.serial());
            assertThat(rig.left("a.example")).isEqualTo(Duration.ofDays(90));
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
            assertThat(rig.changes).hasSize(2);
        }
    }

    @Test
    void issueCert_concurrentCalls_shareOneOrder() {
        rig.issuer.hang();
        try (IssuingService service = rig.started()) {
            var first = service.issueCert(Subject.of("a.example"));
            var second = service.issueCert(Subject.of("a.example"));
            assertThat(isDone(first)).isFalse();
            rig.issuer.release(FakeIssuer.Answer.success());
            assertThat(first.toCompletableFuture().join())
                    .isSameAs(second.toCompletableFuture().join());
            assertThat(rig.issuer.calls()).isEqualTo(1);
        }
    }

    @Test
    void issueCert_whileTheScheduleIssuesIt_sharesThatOrder() {
        rig.stored("a.example", Duration.ofDays(1));
        rig.issuer.hang();
        try (IssuingService service = rig.started()) {
            var asked = service.issueCert(Subject.of("a.example"));
            rig.clock.advance(Duration.ofMinutes(10));
            rig.issuer.release(FakeIssuer.Answer.success());
            assertThat(asked).isCompleted();
            assertThat(rig.issuer.calls()).isEqualTo(1);
        }
    }

    @Test
    void issueCert_beforeStart_works() {
        try (IssuingService service = rig.service()) {
            assertThat(service.issueCert(Subject.of("a.example"))).isCompleted();
            assertThat(rig.left("a.example")).isEqualTo(Duration.ofDays(90));
        }
    }

    @Test
    void issueCert_failure_reachesTheCallerAndRaisesNoPanicForWhatIsNotStored() {
        rig.issuer.fail(Kind.REFUSED);
        try (IssuingService service = rig.started()) {
            assertThat(failureOf(service.issueCert(Subject.of("a.example"))))
                    .isInstanceOfSatisfying(
                            IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
            assertThat(rig.panics).isEmpty();
            assertThat(service.status()).isEmpty();
        }
    }

    @Test
    void issueCert_subjectThatTheStoreHasNoPlaceFor_isRefusedBeforeAnyOrder(@TempDir Path directory) {
        DirectoryStore store = DirectoryStore.open(directory, rig.clock);
        Subject many = Subject.of(IntStream.range(100, 112)
                .mapToObj(number -> "host-" + number + ".some.example")
                .toArray(String[]::new));
        try (IssuingService service = rig.builder(store, store.state()).build()) {
            for (Subject subject : List.of(many, Subject.parse("a".repeat(62) + ".b".repeat(95)))) {
                assertThat(failureOf(service.issueCert(subject)))
                        .isInstanceOfSatisfying(
                                IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
                        .hasMessageContaining("at most 255");
            }
            assertThat(rig.issuer.calls()).isZero();
        }
    }

    @Test
    void issueCert_afterStop_failsAsStopped() {
        IssuingService service = rig.started();
        service.close();
        assertThat(failureOf(service.issueCert(Subject.of("a.example"))))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.STOPPED));
    }

    @Test
    void start_twiceOrAfterStop_isRefused() {
        IssuingService service = rig.started();
        assertThatThrownBy(service::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("started before");
        service.close();
        assertThatThrownBy(service::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("make a new one");
    }

    @Test
    void newEntry_ofAnotherProcess_isIssuedAtTheNextPoll() {
        try (IssuingService service = rig.service(builder -> builder.storeInterval(Duration.ofSeconds(1)))) {
            service.start();
            rig.requested("late.example");
            rig.clock.advance(Duration.ofSeconds(1));
            assertThat(rig.saved).containsExactly(Subject.of("late.example"));
        }
    }

    @Test
    void change_ofAnotherProcess_isToldAndReplanned() {
        rig.stored("a.example", Duration.ofDays(60));
        try (IssuingService service = rig.started()) {
            rig.stored("a.example", Duration.ofDays(80));
            rig.store.request(Subject.of("b.example"));
            rig.issuer.fail(Kind.REFUSED);
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.changes)
                    .extracting(StoredBundle::subject)
                    .containsExactlyInAnyOrder(
                            Subject.of("a.example"), Subject.of("a.example"), Subject.of("b.example"));
            rig.store.remove(Subject.of("b.example"));
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.removed).containsExactly(Subject.of("b.example"));
            assertThat(service.status()).hasSize(1);
            assertThat(rig.store.keys("attempts/")).isEmpty();
        }
    }

    @Test
    void removed_whileItIsIssued_isNotResurrected() {
        rig.requested("a.example");
        rig.issuer.hang();
        try (IssuingService service = rig.started()) {
            rig.store.remove(Subject.of("a.example"));
            rig.issuer.release(FakeIssuer.Answer.success());
            assertThat(rig.store.list()).isEmpty();
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(service.status()).isEmpty();
        }
    }

    @Test
    void status_tellsTheNextActionAndWhy() {
        rig.stored("valid.example", Duration.ofDays(60));
        rig.requested("refused.example");
        rig.issuer.fail(Kind.REFUSED);
        try (IssuingService service = rig.started()) {
            SubjectStatus refused = service.status().get(0);
            assertThat(refused.reason()).isEqualTo(RenewalDecision.Reason.BACKOFF);
            assertThat(refused.attempts().kind()).isEqualTo("REFUSED");
            assertThat(refused.attempts().message()).isEqualTo("told to fail");
            assertThat(refused.leaf().exists()).isFalse();
            SubjectStatus valid = service.status().get(1);
            assertThat(valid.issuer()).contains("autotls test root");
            assertThat(valid.nextAction())
                    .isBetween(
                            valid.leaf().notAfter().minus(Duration.ofDays(30)),
                            valid.leaf().notAfter().minus(Duration.ofDays(27)));
            assertThat(SubjectStatus.readAll(rig.store, rig.store, RenewalPolicy.DEFAULT, rig.clock.instant()))
                    .isEqualTo(service.status());
        }
    }

    @Test
    void start_stateOfSubjectsThatAreNotStored_isSweptOnce() {
        rig.stored("a.example", Duration.ofDays(60));
        for (String key : List.of("orders/gone.example", "attempts/gone.example", "attempts/held.example")) {
            assertThat(rig.store.save(key, "left behind", Revision.NONE)).isPresent();
        }
        assertThat(rig.store.save("ca/root", "not an order", Revision.NONE)).isPresent();
        Lease held = new Leases(rig.store, "another process")
                .acquire("issue/held.example", Duration.ofHours(1))
                .orElseThrow();
        try (IssuingService service = rig.started()) {
            assertThat(isDone(service.whenCertsValid())).isTrue();
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(rig.store.keys("attempts/")).containsExactly("attempts/held.example");
            assertThat(rig.store.find("ca/root")).isPresent();
            held.release();
            rig.clock.advance(Duration.ofDays(2));
            assertThat(rig.store.keys("attempts/")).as("only at start").isNotEmpty();
        }
        try (IssuingService next = rig.started()) {
            assertThat(isDone(next.whenCertsValid())).isTrue();
            assertThat(rig.store.keys("attempts/")).isEmpty();
        }
    }

    @Test
    void start_stateOfAStoredSubject_isNotSwept() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.REFUSED);
        rig.started().stop();
        rig.issuer.hang();
        try (IssuingService next = rig.started()) {
            assertThat(isDone(next.whenCertsValid())).isTrue();
            assertThat(rig.store.keys("attempts/")).containsExactly("attempts/a.example");
            assertThat(next.status().get(0).attempts().failures()).isEqualTo(1);
        }
    }

    @Test
    void undoLeftovers_executorIsGone_completesAllTheSame() {
        IssuingService service = rig.service(builder -> builder.executor(task -> {
            throw new RejectedExecutionException("shut down");
        }));
        assertThat(service.undoLeftovers()).isCompleted();
    }
}
