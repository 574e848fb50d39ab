package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process killed at each of its calls to the store, before and after the call takes effect (docs/faults.md, E). */
@ExtendWith(Quiet.class)
class RenewalCrashTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void E_killedAtEachCall_theNextRunEndsWithOneGoodCertificateAndNoLitter(boolean takesEffect) {
        int calls = 1;
        boolean died = true;
        while (died) {
            died = killAt(calls, takesEffect);
            calls++;
        }
        assertThat(calls).isGreaterThan(22);
    }

    private static boolean killAt(int call, boolean takesEffect) {
        ServiceRig rig = new ServiceRig();
        RenewalWindow window = new RenewalWindow(
                rig.clock.instant().plus(Duration.ofDays(60)),
                rig.clock.instant().plus(Duration.ofDays(61)));
        rig.issuer.suggest(certificate ->
                CompletableFuture.completedStage(Optional.of(new RenewalInformation(window, "", Duration.ofHours(6)))));
        rig.stored("a.example", Duration.ofDays(1));
        rig.stored("other.example", Duration.ofDays(80));
        DyingStore dying = new DyingStore(rig.store, call, takesEffect);
        rig.builder(dying, dying).build().start(); // and never stopped
        boolean died = dying.isDead();
        dying.die();

        try (IssuingService next = rig.service(builder -> builder.storeInterval(Duration.ofSeconds(1)))) {
            next.start();
            rig.clock.advance(Duration.ofMinutes(3));
            String at = "killed at call " + call + (takesEffect ? ", after it" : ", before it");
            assertThat(rig.left("a.example")).as(at).isGreaterThan(Duration.ofDays(89));
            assertThat(rig.issuer.orders()).as(at).isLessThanOrEqualTo(2);
            assertThat(rig.store.keys("orders/")).as(at).isEmpty();
            assertThat(rig.store.keys("attempts/")).as(at).isEmpty();
            assertThat(next.status())
                    .as(at)
                    .allMatch(status -> status.attempts().equals(AttemptRecord.NONE));
            assertThat(next.status().get(0).renewal().window()).as(at).contains(window);
        }
        return died;
    }

    @Test
    void E_journalLeftOfAFinishedOrder_isNotTakenForTheNextOne() {
        ServiceRig rig = new ServiceRig();
        rig.stored("a.example", Duration.ofDays(80));
        assertThat(rig.store.save("orders/a.example", "an order that was finished", Revision.NONE))
                .isPresent();
        try (IssuingService service = rig.started()) {
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(rig.issuer.calls()).isZero();
            assertThat(service.status().get(0).reason()).isEqualTo(RenewalDecision.Reason.VALID);
        }
    }
}
