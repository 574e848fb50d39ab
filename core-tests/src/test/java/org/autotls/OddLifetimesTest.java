package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;

/** Certificates that are not valid yet, and some that hardly ever are. */
class OddLifetimesTest {

    private static final Duration LIFE = Duration.ofDays(90);

    @Test
    void C4_notValidYet_waitsInItsOrderWhileTheOldOneIsServed() {
        ServiceRig rig = new ServiceRig();
        CertificateBundle old = rig.stored("a.example", Duration.ofDays(10));
        Instant from = rig.clock.instant().plus(Duration.ofDays(2));
        FakeIssuer ahead = new FakeIssuer(request -> ServiceRig.CA.issue(from, LIFE, "a.example"));
        try (IssuingService service = started(rig, ahead)) {
            rig.clock.advance(Duration.ofHours(47));
            assertThat(rig.bundle("a.example").serial()).isEqualTo(old.serial());
            assertThat(service.status().get(0).attempts().message()).contains("not valid before");
            assertThat(ahead.calls()).isEqualTo(1);
            rig.clock.advance(Duration.ofHours(10));
            assertThat(rig.bundle("a.example").notBefore()).isEqualTo(from);
        }
    }

    @Test
    void C4_notValidYetAndNoOther_isServed() {
        for (Duration ahead : new Duration[] {Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(2)}) {
            ServiceRig rig = new ServiceRig();
            rig.requested("a.example");
            Instant from = rig.clock.instant().plus(ahead);
            FakeIssuer issuer = new FakeIssuer(request -> ServiceRig.CA.issue(from, LIFE, "a.example"));
            try (IssuingService service = started(rig, issuer)) {
                rig.clock.advance(Duration.ofHours(1));
                assertThat(rig.bundle("a.example").notBefore()).isEqualTo(from);
                assertThat(service.whenCertsValid()).isCompleted();
                assertThat(issuer.calls()).isEqualTo(1);
            }
        }
    }

    @Test
    void C5_shorterThanTheCheckInterval_renewedByFractionWithoutALoop() {
        for (Duration lifetime : new Duration[] {Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofDays(6)}) {
            ServiceRig rig = new ServiceRig();
            rig.requested("a.example");
            FakeIssuer shortLived = new FakeIssuer(ServiceRig.CA, rig.clock, lifetime);
            try (IssuingService service = started(rig, shortLived)) {
                rig.clock.advance(lifetime.multipliedBy(50));
                assertThat(shortLived.calls()).as(lifetime.toString()).isBetween(50, 110);
                assertThat(service.status()).hasSize(1);
            }
        }
    }

    private static IssuingService started(ServiceRig rig, FakeIssuer issuer) {
        IssuingService service = IssuingService.builder(rig.store, rig.store, () -> issuer)
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofHours(1))
                .random(new SplittableRandom(7))
                .panic((failure, subject) -> {})
                .listener(rig)
                .build();
        service.start();
        return service;
    }
}
