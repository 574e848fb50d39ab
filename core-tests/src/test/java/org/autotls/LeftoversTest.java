package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;

/** What an order leaves outside is undone at last, whatever becomes of the order and of its subject. */
class LeftoversTest {

    private final ServiceRig rig = new ServiceRig();
    private final JumpingClock clock = new JumpingClock(rig.clock);
    private final LittererIssuer issuer = new LittererIssuer();

    /** Its journals are what {@link FakeIssuer} writes, and each order leaves something that is undone when told so. */
    private final class LittererIssuer implements Issuer {

        final List<String> asked = new ArrayList<>();
        boolean broken = true;

        @Override
        public String issuerKey() {
            return rig.issuer.issuerKey();
        }

        @Override
        public CompletionStage<CertificateBundle> issue(IssueRequest request) {
            return rig.issuer.issue(request);
        }

        @Override
        public Optional<String> leftovers(String journal) {
            return Optional.of(journal).filter(text -> text.startsWith("order for "));
        }

        @Override
        public CompletionStage<Optional<String>> cleanUp(String leftovers) {
            asked.add(leftovers);
            return CompletableFuture.completedFuture(Optional.of(leftovers).filter(text -> broken));
        }
    }

    private IssuingService started() {
        IssuingService service = service();
        service.start();
        return service;
    }

    private IssuingService service() {
        return IssuingService.builder(rig.store, rig.store, () -> issuer)
                .scheduler(clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofMinutes(1))
                .random(new SplittableRandom(7))
                .build();
    }

    private List<String> leftovers() {
        return rig.store.keys("leftovers/");
    }

    @Test
    void L5_cleanUpFails_isRepeatedUntilItSucceeds() {
        rig.requested("a.example");
        try (IssuingService service = started()) {
            assertThat(rig.bundle("a.example").identifiers()).contains(Identifier.of("a.example"));
            assertThat(service.status()).hasSize(1);
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(leftovers()).hasSize(1);
            rig.clock.advance(Duration.ofMinutes(5));
            assertThat(issuer.asked).containsOnly("order for a.example").hasSize(2);
            rig.clock.advance(Duration.ofDays(1));
            assertThat(issuer.asked).hasSizeBetween(5, 6);
            issuer.broken = false;
            rig.clock.advance(Duration.ofDays(2));
            assertThat(leftovers()).isEmpty();
            int tries = issuer.asked.size();
            rig.clock.advance(Duration.ofDays(2));
            assertThat(issuer.asked).hasSize(tries);
        }
    }

    @Test
    void L5_cleanUpFails_isRepeatedByTheNextProcess() {
        rig.requested("a.example");
        started().stop();
        assertThat(leftovers()).hasSize(1);
        issuer.broken = false;
        rig.clock.advance(Duration.ofMinutes(2));
        started().stop();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void L5_cleanUpFailsByAClockThatRunsAhead_isRepeatedByTheRightOne() {
        rig.requested("a.example");
        clock.skew = Duration.ofDays(80);
        try (IssuingService service = started()) {
            rig.clock.advance(Duration.ofMinutes(5));
            assertThat(leftovers()).hasSize(1);
            clock.skew = Duration.ZERO;
            issuer.broken = false;
            rig.clock.advance(Duration.ofMinutes(2));
            assertThat(leftovers()).isEmpty();
            assertThat(service.status()).hasSize(1);
        }
    }

    @Test
    void L5_cleanUpFailedByAClockThatRanAhead_isRepeatedByTheNextProcess() {
        rig.requested("a.example");
        clock.skew = Duration.ofDays(80);
        started().stop();
        clock.skew = Duration.ZERO;
        issuer.broken = false;
        started().stop();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void L5_removedWhileItIsIssued_isUndoneWhenTheOrderFails() {
        issuer.broken = false;
        rig.requested("a.example");
        rig.issuer.hang();
        try (IssuingService service = started()) {
            rig.store.remove(Subject.of("a.example"));
            rig.clock.advance(Duration.ofMinutes(2));
            assertThat(rig.store.keys("orders/")).as("it is being worked on").hasSize(1);
            assertThat(issuer.asked).isEmpty();
            rig.issuer.release(FakeIssuer.Answer.failure(new IssueException(Kind.UNPROVED, "told to fail")));
            rig.clock.advance(Duration.ofMinutes(2));
            assertThat(issuer.asked).containsExactly("order for a.example");
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(rig.store.keys("attempts/")).isEmpty();
            assertThat(leftovers()).isEmpty();
            assertThat(service.status()).isEmpty();
        }
    }

    @Test
    void L5_removedWhileNoServiceRan_isUndoneAtTheNextStart() {
        issuer.broken = false;
        rig.requested("a.example");
        rig.issuer.hang();
        started().stop();
        rig.store.remove(Subject.of("a.example"));
        started().stop();
        assertThat(issuer.asked).containsExactly("order for a.example");
        assertThat(rig.store.keys("orders/")).isEmpty();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void L5_neverUndone_isGivenUpAfterAMonth() {
        rig.requested("a.example");
        try (IssuingService service = started()) {
            rig.march(Duration.ofHours(6), Duration.ofDays(20), () -> {});
            assertThat(leftovers()).hasSize(1);
            rig.march(Duration.ofHours(6), Duration.ofDays(20), () -> {});
            assertThat(leftovers()).isEmpty();
            assertThat(issuer.asked).hasSize(Leftovers.MAX_TRIES);
            assertThat(service.status()).hasSize(1);
        }
    }

    @Test
    void L5_issuerThatThrows_isAskedAgain() {
        rig.requested("a.example");
        started().stop();
        boolean[] down = {true};
        try (IssuingService service = IssuingService.builder(rig.store, rig.store, () -> {
                    if (down[0]) {
                        throw new IllegalStateException("no configuration");
                    }
                    return issuer;
                })
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofMinutes(1))
                .random(new SplittableRandom(7))
                .build()) {
            service.start();
            rig.clock.advance(Duration.ofMinutes(30));
            assertThat(leftovers()).hasSize(1);
            down[0] = false;
            issuer.broken = false;
            rig.clock.advance(Duration.ofHours(2));
            assertThat(leftovers()).isEmpty();
        }
    }

    @Test
    void L5_subjectThatIsBeingIssuedFor_isLeftAloneMeanwhile() {
        rig.requested("a.example");
        started().stop();
        int tries = issuer.asked.size();
        Lease held = new Leases(rig.store, "another process")
                .acquire("issue/a.example", Duration.ofHours(1))
                .orElseThrow();
        issuer.broken = false;
        try (IssuingService service = started()) {
            rig.clock.advance(Duration.ofMinutes(30));
            assertThat(issuer.asked).hasSize(tries);
            held.release();
            rig.clock.advance(Duration.ofMinutes(2));
            assertThat(leftovers()).isEmpty();
            assertThat(service.status()).hasSize(1);
        }
    }
}
