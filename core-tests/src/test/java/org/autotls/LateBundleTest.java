package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Certificates of a day that were issued and came to be stored so late that they are over, or nearly. */
@ExtendWith(Quiet.class)
class LateBundleTest {

    private static final Duration DAY = Duration.ofHours(24);

    private final ServiceRig rig = new ServiceRig();
    private final FlakyStore flaky = new FlakyStore(rig.store);
    private final FakeIssuer daily = new FakeIssuer(ServiceRig.CA, rig.clock, DAY);
    private Instant from = Instant.EPOCH;

    @Test
    void F1_writeFailsUntilTheBundleHasExpired_anotherIsOrdered() {
        rig.requested("a.example");
        flaky.readOnly = true;
        try (IssuingService service = started(daily)) {
            storeIsDown(Duration.ofHours(25));
            assertThat(daily.calls()).isEqualTo(1);
            flaky.readOnly = false;
            rig.clock.advance(Duration.ofMinutes(3));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofHours(23));
            assertThat(daily.orders()).isEqualTo(2);
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void F1_writeFailsUntilTheBundleIsDue_itIsSavedAndAnotherOrderedSoon() {
        rig.requested("a.example");
        flaky.readOnly = true;
        try (IssuingService service = started(daily)) {
            storeIsDown(Duration.ofHours(15));
            daily.fail(IssueException.Kind.NETWORK);
            flaky.readOnly = false;
            rig.clock.advance(Duration.ofMinutes(3));
            assertThat(rig.left("a.example")).isPositive(); // better than nothing, should the CA be down
            daily.succeed();
            rig.clock.advance(Duration.ofMinutes(20));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofHours(23));
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void F1_bundleThatIsDueWhenTheStoreComesBack_doesNotReplaceOneThatEndsLater() {
        rig.stored("a.example", DAY, Duration.ofHours(11));
        flaky.readOnly = true;
        FakeIssuer hourly = new FakeIssuer(ServiceRig.CA, rig.clock, Duration.ofHours(1));
        try (IssuingService service = started(hourly)) {
            storeIsDown(Duration.ofMinutes(45));
            hourly.fail(IssueException.Kind.NETWORK);
            flaky.readOnly = false;
            rig.clock.advance(Duration.ofMinutes(3));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofHours(10));
            assertThat(service.status().get(0).attempts().kind()).isEqualTo("NETWORK");
        }
    }

    @Test
    void F1_writeFailsForTenDays_oneOrderForEachLifetimeAtMost() {
        rig.requested("a.example");
        flaky.readOnly = true;
        try (IssuingService service = started(daily)) {
            rig.clock.advance(Duration.ofDays(10));
            assertThat(daily.orders()).isBetween(2, 10);
            assertThat(service.status().get(0).attempts().kind()).isEqualTo("STORE");
        }
    }

    @Test
    void E_killedWithAnOrderThatIsResumedWhenItsCertificateIsDue_anotherIsOrderedSoon() {
        rig.requested("a.example");
        Instant finalized = rig.clock.instant();
        from = finalized;
        FakeIssuer resuming = new FakeIssuer(request -> ServiceRig.CA.issue(from, DAY, "a.example"));
        resuming.hang();
        DyingStore dying = new DyingStore(rig.store, 1000);
        builder(resuming, dying, dying).build().start();
        rig.clock.advance(Duration.ofSeconds(10));
        dying.die();

        rig.clock.advance(Duration.ofHours(13));
        resuming.succeed();
        try (IssuingService service = started(resuming)) {
            assertThat(rig.bundle("a.example").notBefore()).isEqualTo(finalized);
            from = rig.clock.instant();
            rig.clock.advance(Duration.ofMinutes(20));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofHours(23));
            assertThat(resuming.orders()).isEqualTo(2);
            assertThat(service.status().get(0).attempts()).isEqualTo(AttemptRecord.NONE);
        }
    }

    @Test
    void D2_clockOf1970AtStart_orderInFlightIsResumedByTheRightOne() {
        rig.stored("a.example", DAY, Duration.ofHours(1));
        daily.hang();
        DyingStore dying = new DyingStore(rig.store, 1000);
        builder(daily, dying, dying).build().start();
        rig.clock.advance(Duration.ofSeconds(10));
        dying.die();
        JumpingClock clock = new JumpingClock(rig.clock);
        clock.skew = Duration.between(rig.clock.instant(), Instant.EPOCH);
        daily.succeed();
        try (IssuingService service =
                builder(daily, rig.store, rig.store).scheduler(clock).build()) {
            service.start();
            rig.clock.advance(Duration.ofMinutes(10));
            assertThat(rig.store.keys("orders/")).hasSize(1);
            assertThat(rig.store.keys("attempts/")).hasSize(1);
            clock.skew = Duration.ZERO;
            rig.clock.advance(Duration.ofMinutes(10));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofHours(23));
            assertThat(daily.orders()).isEqualTo(1);
            assertThat(rig.store.keys("orders/")).isEmpty();
        }
    }

    @Test
    void D2_clockOf1970WhileABundleWaits_itIsSavedByTheRightOne() {
        rig.stored("a.example", Duration.ofDays(2), Duration.ofHours(1));
        flaky.readOnly = true;
        JumpingClock clock = new JumpingClock(rig.clock);
        try (IssuingService service =
                builder(daily, flaky, flaky).scheduler(clock).build()) {
            service.start();
            rig.clock.advance(Duration.ofMinutes(10));
            clock.skew = Duration.between(rig.clock.instant(), Instant.EPOCH);
            rig.clock.advance(Duration.ofMinutes(10));
            flaky.readOnly = false;
            clock.skew = Duration.ZERO;
            rig.clock.advance(Duration.ofMinutes(10));
            assertThat(rig.left("a.example")).isGreaterThan(Duration.ofHours(23));
            assertThat(daily.calls()).isEqualTo(1);
        }
    }

    @Test
    void D1_clockAheadAndEachSecondWriteFails_noLoopOfOrders() {
        rig.requested("a.example");
        FakeIssuer old = new FakeIssuer(
                request -> ServiceRig.CA.issue(rig.clock.instant().minus(Duration.ofHours(20)), DAY, "a.example"));
        flaky.beforeSave = subject -> {
            if (flaky.saves % 2 == 1) {
                throw StoreException.retryable("no space left on device", new IllegalStateException("told to"));
            }
        };
        try (IssuingService service = started(old)) {
            rig.clock.advance(Duration.ofDays(4));
            assertThat(old.orders()).isBetween(2, 10);
            assertThat(service.status().get(0).attempts().failures()).isPositive();
        }
    }

    /** Begins when a certificate was issued, and could not be saved. */
    private void storeIsDown(Duration time) {
        rig.clock.advance(Duration.ofSeconds(1));
        flaky.down = true;
        rig.clock.advance(time);
        flaky.down = false;
    }

    private IssuingService started(FakeIssuer issuer) {
        IssuingService service = builder(issuer, flaky, flaky).build();
        service.start();
        return service;
    }

    private IssuingServiceBuilder builder(FakeIssuer issuer, CertificateStore store, StateStore state) {
        return IssuingService.builder(store, state, () -> issuer)
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofSeconds(20))
                .random(new SplittableRandom(7))
                .panic((failure, subject) -> {})
                .listener(rig);
    }
}
