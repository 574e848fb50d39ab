package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.ServiceRig.failureOf;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.autotls.IssueException.Kind;
import org.autotls.ca.LocalCaIssuer;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@ExtendWith(Quiet.class)
class IssuingServiceFaultTest {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingServiceFaultTest.class);

    private final ServiceRig rig = new ServiceRig();

    @Test
    void A1_caThatDoesNotAnswer_startDoesNotWaitAndWhatIsStoredIsServed() {
        rig.stored("a.example", Duration.ofDays(20));
        rig.requested("b.example");
        rig.issuer.hang();
        try (IssuingService service = rig.started()) {
            assertThat(service.status()).hasSize(2);
            assertThat(rig.changes).extracting(StoredBundle::subject).contains(Subject.of("a.example"));
            assertThat(rig.panics).isEmpty();
            rig.issuer.fail(Kind.NETWORK);
            rig.issuer.release(FakeIssuer.Answer.failure(new IssueException(Kind.NETWORK, "down")));
            assertThat(rig.panics).as("only what has no certificate").containsExactly(Subject.of("b.example"));
        }
    }

    @Test
    void D8_tenYearsOfFailures_areAtMostOneTryADay() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.SERVER);
        try (IssuingService service = rig.service(builder -> builder.storeInterval(Duration.ofDays(1)))) {
            service.start();
            rig.clock.advance(Duration.ofDays(3653));
            LOG.info("failing for ten years: {} tries", rig.issuer.calls());
            assertThat(rig.issuer.calls()).isBetween(3_500, 3_700);
            assertThat(rig.panics).hasSize(rig.issuer.calls());
            Instant before = Instant.parse("2026-01-01T00:00:00Z");
            for (Instant next : rig.failures) {
                assertThat(Duration.between(before, next)).isBetween(Duration.ofSeconds(30), Duration.ofHours(36));
                before = next;
            }
            rig.issuer.succeed();
            rig.clock.advance(Duration.ofHours(36));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofDays(88));
        }
    }

    @Test
    void D9_restartLoop_triesNoMoreOften() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.SERVER);
        for (int i = 0; i < 100; i++) {
            IssuingService service = rig.started();
            rig.clock.advance(Duration.ofSeconds(10));
            assertThat(service.whenCertsValid()).isCompleted();
            service.stop();
        }
        // 1,000 s of failures: at once, after a minute, after ten more.
        assertThat(rig.issuer.calls()).isBetween(2, 3);
    }

    @Test
    void D9_crashLoopInTheMiddleOfATry_triesNoMoreOften() {
        rig.requested("a.example");
        for (int i = 0; i < 100; i++) {
            DyingStore dying = new DyingStore(rig.store, 1000);
            rig.issuer.hang();
            rig.builder(dying, dying).build().start();
            rig.clock.advance(Duration.ofSeconds(10));
            dying.die();
        }
        assertThat(rig.issuer.orders()).isEqualTo(1); // the rest resume it
        assertThat(rig.issuer.calls()).isLessThanOrEqualTo(6);
    }

    @Test
    void D1_clockJumpsAheadAndBack_fewOrdersAndNothingLost() {
        rig.stored("a.example", Duration.ofDays(80));
        JumpingClock jumping = new JumpingClock(rig.clock);
        try (IssuingService service = rig.service(builder -> builder.scheduler(jumping))) {
            service.start();
            for (Duration skew : new Duration[] {Duration.ofDays(90), Duration.ofDays(3650)}) {
                jumping.skew = skew;
                int before = rig.issuer.calls();
                rig.clock.advance(Duration.ofDays(3)); // the CA's own clock is right
                assertThat(rig.issuer.calls() - before).isBetween(1, 7);
                jumping.skew = Duration.ZERO;
                rig.clock.advance(Duration.ofHours(2));
                assertThat(rig.left("a.example")).isGreaterThan(Duration.ofDays(70));
                assertThat(service.status().get(0).reason()).isEqualTo(RenewalDecision.Reason.VALID);
            }
        }
    }

    @Test
    void D1_clockJumpsAheadAndBackWithALocalCa_whatWasIssuedMeanwhileIsReplaced() {
        rig.requested("a.example");
        JumpingClock jumping = new JumpingClock(rig.clock);
        LocalCaIssuer local = LocalCaIssuer.of(rig.store, jumping);
        try (IssuingService service = IssuingService.builder(rig.store, rig.store, () -> local)
                .scheduler(jumping)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .random(new SplittableRandom(7))
                .build()) {
            jumping.skew = Duration.ofDays(26_000);
            service.start();
            rig.clock.advance(Duration.ofHours(1));
            jumping.skew = Duration.ZERO;
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.bundle("a.example").notBefore()).isBefore(rig.clock.instant());
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofDays(6));
            assertThat(service.status().get(0).reason()).isEqualTo(RenewalDecision.Reason.VALID);
        }
    }

    @Test
    void D2_clockOf1970AtStart_waitsForTheRightTime() {
        rig.requested("a.example");
        rig.stored("b.example", Duration.ofDays(80));
        JumpingClock jumping = new JumpingClock(rig.clock);
        jumping.skew = Duration.between(rig.clock.instant(), Instant.EPOCH);
        try (IssuingService service = rig.service(builder -> builder.scheduler(jumping))) {
            service.start();
            rig.clock.advance(Duration.ofDays(2));
            assertThat(rig.issuer.calls()).isZero();
            assertThat(rig.changes).hasSize(2); // b.example is served
            jumping.skew = Duration.ZERO;
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
        }
    }

    @Test
    void F5_entryThatCannotBeReadAtStart_isAnAlarmThatRepeatsAndNothingIsOrdered() {
        rig.stored("a.example", Duration.ofDays(1));
        rig.stored("b.example", Duration.ofDays(80));
        FlakyStore flaky = new FlakyStore(rig.store);
        flaky.unreadable = Subject.of("a.example");
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            rig.clock.advance(Duration.ofDays(3));
            SubjectStatus status = service.status().get(0);
            assertThat(status.subject()).isEqualTo(Subject.of("a.example"));
            assertThat(status.panicking()).isTrue();
            assertThat(status.attempts().message()).contains("garbage");
            assertThat(rig.panics).hasSizeBetween(4, 8).containsOnly(Subject.of("a.example"));
            assertThat(rig.issuer.calls()).isZero();
            assertThat(service.whenCertsValid()).isCompleted();
            flaky.unreadable = Subject.of("none.example");
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.left("a.example"))
                    .isGreaterThan(Duration.ofDays(80)); // it had expired, and waits for no next try
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void F5_entryThatCannotBeReadAtStart_isForgottenWhenItIsRemoved() {
        rig.stored("a.example", Duration.ofDays(1));
        FlakyStore flaky = new FlakyStore(rig.store);
        flaky.unreadable = Subject.of("a.example");
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            assertThat(service.status()).hasSize(1);
            rig.store.remove(Subject.of("a.example"));
            flaky.unreadable = Subject.of("none.example");
            rig.clock.advance(Duration.ofHours(1));
            assertThat(service.status()).isEmpty();
            assertThat(rig.store.keys("attempts/")).isEmpty();
        }
    }

    @Test
    void D3_clockGoesBackWhileWaiting_theNextTryIsNotPutOff() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.NETWORK);
        JumpingClock jumping = new JumpingClock(rig.clock);
        jumping.skew = Duration.ofDays(400);
        try (IssuingService service = rig.service(builder -> builder.scheduler(jumping))) {
            service.start();
            jumping.skew = Duration.ZERO;
            rig.issuer.succeed();
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
        }
    }

    @Test
    void D4_suspendedForTenMinutes_isOneCheckAfterwards() {
        rig.stored("a.example", Duration.ofDays(80));
        JumpingClock jumping = new JumpingClock(rig.clock);
        try (IssuingService service = rig.service(builder -> builder.scheduler(jumping))) {
            service.start();
            int before = rig.checks;
            jumping.skew = Duration.ofMinutes(10); // the timers stood still meanwhile
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.checks - before).isLessThanOrEqualTo(2);
            assertThat(rig.issuer.calls()).isZero();
            assertThat(service.status()).hasSize(1);
        }
    }

    @Test
    void D10_namesAddedToALiveSet_oldCertificateIsServedUntilTheNewOneIsStored() {
        CertificateBundle old = rig.stored("a.example", Duration.ofDays(80));
        rig.issuer.hang();
        try (IssuingService service = rig.started()) {
            rig.requested("a.example,b.example");
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.issuer.inFlight()).isEqualTo(1);
            assertThat(rig.bundle("a.example").serial()).isEqualTo(old.serial());
            assertThat(rig.removed).isEmpty();
            rig.issuer.release(FakeIssuer.Answer.success());
            assertThat(rig.saved).containsExactly(Subject.of("a.example", "b.example"));
            assertThat(service.status()).hasSize(2);
        }
    }

    @Test
    void D11_expiredWhileTheCaIsDown_isKeptAndAlarmed() {
        CertificateBundle expired = rig.stored("a.example", Duration.ofDays(-1));
        rig.issuer.fail(Kind.NETWORK);
        try (IssuingService service = rig.started()) {
            rig.clock.advance(Duration.ofDays(30));
            assertThat(rig.bundle("a.example").serial()).isEqualTo(expired.serial());
            assertThat(rig.panics).hasSizeGreaterThan(20);
            assertThat(service.status().get(0).panicking()).isTrue();
        }
    }

    @Test
    void F1_writeFails_theBundleIsKeptAndWrittenLaterWithoutANewOrder() {
        rig.stored("a.example", Duration.ofDays(1));
        FlakyStore flaky = new FlakyStore(rig.store);
        flaky.readOnly = true;
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            rig.clock.advance(Duration.ofHours(2));
            assertThat(rig.issuer.calls()).isEqualTo(1);
            assertThat(flaky.saves).isGreaterThan(60); // about each minute
            assertThat(service.status().get(0).attempts().kind()).isEqualTo("STORE");
            flaky.readOnly = false;
            rig.clock.advance(Duration.ofMinutes(2));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofDays(89));
            assertThat(rig.issuer.calls()).isEqualTo(1);
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void F1_writeFailsAndThenAllElse_theBundleIsStillKept() {
        rig.stored("a.example", Duration.ofDays(1));
        FlakyStore flaky = new FlakyStore(rig.store);
        flaky.readOnly = true;
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            rig.clock.advance(Duration.ofMinutes(5));
            flaky.down = true; // the next tries do not even get a lease
            rig.clock.advance(Duration.ofMinutes(5));
            flaky.down = false;
            flaky.readOnly = false;
            rig.clock.advance(Duration.ofMinutes(5));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofDays(89));
            assertThat(rig.issuer.calls()).isEqualTo(1);
        }
    }

    @Test
    void D9_leaseCannotBeHad_isOneFailureMoreAndNotTheFirst() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.SERVER);
        AtomicBoolean broken = new AtomicBoolean();
        StateStore state = (StateStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {StateStore.class}, (proxy, method, arguments) -> {
                    if (broken.get()
                            && arguments != null
                            && String.valueOf(arguments[0]).contains("lease")) {
                        throw StoreException.retryable("lost", new IllegalStateException());
                    }
                    return method.invoke(rig.store, arguments);
                });
        try (IssuingService service = rig.builder(rig.store, state).build()) {
            service.start();
            rig.clock.advance(Duration.ofHours(3));
            int failures = service.status().get(0).attempts().failures();
            assertThat(failures).isGreaterThan(2);
            broken.set(true);
            rig.clock.advance(Duration.ofDays(2));
            assertThat(service.status().get(0).attempts().failures()).isGreaterThan(failures);
            assertThat(AttemptRecord.find(rig.store, Subject.of("a.example")).failures())
                    .isGreaterThan(failures);
        }
    }

    @Test
    void save_anotherWriterWasFirstWithAGoodOne_theirsStays() {
        rig.stored("a.example", Duration.ofDays(1));
        FlakyStore flaky = new FlakyStore(rig.store);
        List<CertificateBundle> theirs = new ArrayList<>();
        flaky.beforeSave = subject -> {
            flaky.beforeSave = again -> {};
            theirs.add(rig.stored("a.example", Duration.ofDays(88)));
        };
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            assertThat(rig.bundle("a.example").serial()).isEqualTo(theirs.get(0).serial());
            assertThat(rig.saved).isEmpty();
            assertThat(service.status().get(0).reason()).isEqualTo(RenewalDecision.Reason.VALID);
            assertThat(rig.store.keys("orders/")).isEmpty();
        }
    }

    @Test
    void save_anotherWriterWasFirstWithAnOldOne_oursGoesOverIt() {
        rig.stored("a.example", Duration.ofDays(1));
        FlakyStore flaky = new FlakyStore(rig.store);
        flaky.beforeSave = subject -> {
            flaky.beforeSave = again -> {};
            rig.stored("a.example", Duration.ofDays(2));
        };
        try (IssuingService service = rig.builder(flaky, flaky).build()) {
            service.start();
            assertThat(rig.left("a.example")).isEqualTo(Duration.ofDays(90));
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void H1_eightServicesOnOneStore_makeOneOrder() {
        rig.requested("a.example");
        rig.issuer.hang();
        List<IssuingService> services = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            long seed = i;
            IssuingService service = rig.service(builder -> builder.random(new SplittableRandom(seed)));
            service.start();
            services.add(service);
        }
        rig.clock.advance(Duration.ofMinutes(5));
        assertThat(rig.issuer.calls()).isEqualTo(1);
        assertThat(services.get(7).status().get(0).reason()).isEqualTo(RenewalDecision.Reason.HELD);
        var asked = services.get(7).issueCert(Subject.of("a.example"));
        rig.issuer.release(FakeIssuer.Answer.success());
        rig.clock.advance(Duration.ofMinutes(1));
        assertThat(asked).isCompleted();
        assertThat(rig.issuer.calls()).isEqualTo(1);
        services.forEach(IssuingService::stop);
    }

    @Test
    void H2_holderPausedPastItsLease_itsLateResultIsNotSavedTwice() {
        rig.requested("a.example");
        rig.issuer.hang();
        JumpingClock paused = new JumpingClock(rig.clock);
        IssuingService first = rig.service(builder -> builder.executor(Runnable::run));
        first.start();
        // The other takes the lease over, as it could if the first one stood still.
        Leases thief = new Leases(rig.store, "thief");
        rig.store.delete("leases/issue/a.example");
        Lease taken = thief.acquire("issue/a.example", Duration.ofHours(1)).orElseThrow();
        rig.issuer.release(FakeIssuer.Answer.success());
        assertThat(rig.saved).isEmpty();
        assertThat(first.status().get(0).reason()).isEqualTo(RenewalDecision.Reason.HELD);
        taken.release();
        rig.clock.advance(Duration.ofHours(2).plus(paused.skew));
        assertThat(rig.saved).containsExactly(Subject.of("a.example"));
        first.stop();
    }

    @Test
    void H3_holderDies_isTakenOverWhenItsLeaseEnds() {
        rig.requested("a.example");
        rig.issuer.hang();
        DyingStore dying = new DyingStore(rig.store, 1000);
        rig.builder(dying, dying).build().start();
        dying.die();
        rig.issuer.succeed();
        try (IssuingService second = rig.service(builder -> builder.storeInterval(Duration.ofSeconds(1)))) {
            second.start();
            rig.clock.advance(Duration.ofSeconds(32));
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
        }
    }

    @Test
    void M6_callbacksThatThrow_tenThousandTimes_doNotEndTheService() {
        AtomicInteger thrown = new AtomicInteger();
        rig.requested("a.example");
        rig.issuer.fail(Kind.SERVER);
        ServiceListener nasty = new ServiceListener() {
            @Override
            public void checked(int subjects, int due) {
                thrown.incrementAndGet();
                throw new StackOverflowError("told to");
            }
        };
        try (IssuingService service = rig.service(builder -> builder.checkInterval(Duration.ofMinutes(10))
                .listener(nasty)
                .panic((failure, subject) -> {
                    thrown.incrementAndGet();
                    throw new IllegalStateException("told to");
                }))) {
            service.start();
            rig.clock.advance(Duration.ofDays(70));
            assertThat(thrown.get()).isGreaterThan(10_000);
            assertThat(service.callbackFailures()).isEqualTo(thrown.get());
            rig.issuer.succeed();
            rig.clock.advance(Duration.ofHours(36));
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
        }
    }

    @Test
    void M6_callbackThatHangs_isLeftBehindAndTheServiceGoesOn() throws Exception {
        CountDownLatch hung = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(2);
        rig.requested("a.example");
        rig.requested("b.example");
        rig.issuer.fail(Kind.REFUSED);
        try (IssuingService service =
                rig.service(builder -> builder.callbackExecutor(task -> new Thread(task, "test-callback").start())
                        .panic((failure, subject) -> {
                            second.countDown();
                            if (hung.getCount() > 0) {
                                hung.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                } catch (InterruptedException e) {
                                    interrupted.countDown();
                                }
                            }
                        }))) {
            service.start();
            assertThat(hung.await(10, TimeUnit.SECONDS)).isTrue();
            rig.clock.advance(CallbackLane.TIMEOUT.plusSeconds(1));
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(service.callbackFailures()).isEqualTo(1);
        }
    }

    @Test
    void M6_panicCallbackThatCallsUsBack_isServed() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.REFUSED);
        List<IssuingService> self = new ArrayList<>();
        List<CompletionStage<CertificateBundle>> asked = new ArrayList<>();
        try (IssuingService service = rig.service(builder -> builder.panic((failure, subject) -> {
            rig.issuer.succeed();
            asked.add(self.get(0).issueCert(subject));
        }))) {
            self.add(service);
            service.start();
            assertThat(asked).hasSize(1).allMatch(ServiceRig::isDone);
            assertThat(rig.left("a.example")).isEqualTo(Duration.ofDays(90));
        }
    }

    @Test
    void M6_panicCallbackThatStopsUs_stopsUs() {
        rig.requested("a.example");
        rig.issuer.fail(Kind.REFUSED);
        List<IssuingService> self = new ArrayList<>();
        IssuingService service = rig.service(
                builder -> builder.panic((failure, subject) -> self.get(0).stop()));
        self.add(service);
        service.start();
        rig.clock.advance(Duration.ofDays(10));
        assertThat(rig.issuer.calls()).isEqualTo(1);
        assertThat(rig.clock.pending()).isZero();
    }

    @Test
    void M7_issuersThatMisbehave_hurtTheirOwnSubjectOnly() {
        List<Issuer> nasty = new ArrayList<>();
        nasty.add(issuer(request -> null_()));
        nasty.add(issuer(request -> {
            throw new StackOverflowError("told to");
        }));
        nasty.add(issuer(request -> CompletableFuture.completedFuture(null_())));
        nasty.add(issuer(request -> CompletableFuture.failedFuture(new LinkageError("told to"))));
        nasty.add(issuer(request -> new CompletableFuture<>()));
        nasty.add(issuer(request -> CompletableFuture.completedFuture(
                ServiceRig.CA.issue(rig.clock.instant(), Duration.ofDays(9), "b.example"))));
        nasty.add(issuer(request -> CompletableFuture.completedFuture(
                ServiceRig.CA.issue(Instant.EPOCH, Duration.ofDays(9), "a.example"))));
        AtomicInteger next = new AtomicInteger();
        rig.requested("a.example");
        try (IssuingService service = IssuingService.builder(rig.store, rig.store, () -> {
                    int i = next.getAndIncrement();
                    if (i == nasty.size()) {
                        throw new IllegalStateException("no issuer today");
                    }
                    return i > nasty.size() ? rig.issuer : nasty.get(i);
                })
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .random(new SplittableRandom(7))
                .storeInterval(Duration.ofHours(1))
                .listener(rig)
                .build()) {
            service.start();
            rig.clock.advance(Duration.ofDays(14));
            assertThat(rig.failures).hasSize(nasty.size() + 1);
            assertThat(rig.saved).containsExactly(Subject.of("a.example"));
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T null_() {
        return null;
    }

    private static Issuer issuer(Function<IssueRequest, CompletionStage<CertificateBundle>> body) {
        return new Issuer() {
            @Override
            public String issuerKey() {
                return "nasty\n";
            }

            @Override
            public CompletionStage<CertificateBundle> issue(IssueRequest request) {
                return body.apply(request);
            }
        };
    }

    @Test
    void M7_issuerThatHangs_losesItsPlaceAndAHealthyNameIsIssued() {
        rig.requested("a.example");
        rig.issuer.hang();
        try (IssuingService service = rig.service(builder -> builder.maxInFlight(1))) {
            service.start();
            rig.issuer.succeed();
            rig.store.request(Subject.of("b.example"));
            rig.clock.advance(Duration.ofHours(2));
            assertThat(rig.saved).contains(Subject.of("b.example"), Subject.of("a.example"));
        }
    }

    @Test
    void M10_stopWithThreadsThatHang_isPromptAndLeavesNoThread() throws Exception {
        rig.requested("a.example");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        IssuingService service = IssuingService.builder(rig.store, rig.store, () -> {
                    inside.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        released.countDown();
                    }
                    throw new IllegalStateException("interrupted");
                })
                .build();
        service.start();
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        service.close();
        assertThat(released.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(failureOf(service.whenCertsValid())).isInstanceOf(IssueException.class);
    }
}
