package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.autotls.IssueException.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ten thousand names at once. */
@ExtendWith(Quiet.class)
@Tag("long")
class IssuingServiceHerdTest {

    private static final int GROUP = 100;

    private final ServiceRig rig = new ServiceRig();
    private final Map<Subject, CertificateBundle> good = new HashMap<>();

    /** Takes 5 s of virtual time for each certificate, and 20 s for each failure. */
    private final class SlowIssuer implements Issuer {

        private final Predicate<Subject> dead;
        final List<Subject> asked = new ArrayList<>();
        int inFlight;
        int mostInFlight;

        SlowIssuer(Predicate<Subject> dead) {
            this.dead = dead;
        }

        @Override
        public String issuerKey() {
            return "slow";
        }

        @Override
        public CompletionStage<CertificateBundle> issue(IssueRequest request) {
            Subject subject = request.subject();
            asked.add(subject);
            inFlight++;
            mostInFlight = Math.max(mostInFlight, inFlight);
            CompletableFuture<CertificateBundle> result = new CompletableFuture<>();
            boolean fails = dead.test(subject);
            rig.clock.schedule(Duration.ofSeconds(fails ? 20 : 5), () -> {
                inFlight--;
                if (fails) {
                    result.completeExceptionally(new IssueException(Kind.UNPROVED, "dead"));
                } else {
                    result.complete(good.get(subject));
                }
            });
            return result;
        }
    }

    /** Makes names, one certificate (valid from now) per hundred of them. */
    private List<Subject> names(String domain, int count) {
        List<Subject> all = new ArrayList<>();
        for (int group = 0; group < count; group += GROUP) {
            String[] names = new String[GROUP];
            for (int i = 0; i < GROUP; i++) {
                names[i] = "n" + (group + i) + "." + domain;
                all.add(Subject.of(names[i]));
            }
            CertificateBundle bundle = ServiceRig.CA.issue(rig.clock.instant(), Duration.ofDays(90), names);
            all.subList(group, group + GROUP).forEach(subject -> good.put(subject, bundle));
        }
        return all;
    }

    private IssuingService start(Issuer issuer) {
        IssuingService service = IssuingService.builder(rig.store, rig.store, () -> issuer)
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofMinutes(5))
                .random(new SplittableRandom(7))
                .listener(rig)
                .panic((failure, subject) -> {})
                .build();
        service.start();
        return service;
    }

    @Test
    void D6_tenThousandDueAtOnce_boundedInFlightAndMostUrgentFirst() {
        List<Subject> subjects = names("herd.example", 10_000);
        for (int group = 0; group < subjects.size(); group += GROUP) {
            // The later the group, the sooner it expires.
            Duration left = Duration.ofHours(24 * 12 - group / GROUP);
            String[] names = subjects.subList(group, group + GROUP).stream()
                    .map(Subject::name)
                    .toArray(String[]::new);
            CertificateBundle old = ServiceRig.CA.issue(
                    rig.clock.instant().plus(left).minus(Duration.ofDays(90)), Duration.ofDays(90), names);
            subjects.subList(group, group + GROUP)
                    .forEach(subject -> assertThat(rig.store.save(subject, old, Revision.NONE))
                            .isPresent());
        }
        SlowIssuer issuer = new SlowIssuer(subject -> false);
        try (IssuingService service = start(issuer)) {
            rig.clock.advance(Duration.ofSeconds(10_000 * 5 / 8 + 10));
            assertThat(rig.saved).hasSize(10_000);
            assertThat(service.whenCertsValid()).isCompleted();
            assertThat(issuer.mostInFlight).isEqualTo(8);
            assertThat(issuer.asked).hasSize(10_000).doesNotHaveDuplicates();
            List<Integer> groups = issuer.asked.stream()
                    .map(subject -> Integer.parseInt(
                                    subject.name().substring(1, subject.name().indexOf('.')))
                            / GROUP)
                    .toList();
            assertThat(groups).isSortedAccordingTo((a, b) -> b - a);
            assertThat(rig.store.keys("orders/")).isEmpty();
            assertThat(rig.store.keys("attempts/")).isEmpty();
        }
    }

    @Test
    void D7_nineThousandDeadNames_doNotDelayAThousandLiveOnes() {
        List<Subject> dead = names("dead.example", 9_000);
        dead.forEach(rig.store::request);
        SlowIssuer issuer = new SlowIssuer(subject -> subject.name().endsWith("dead.example"));
        try (IssuingService service = start(issuer)) {
            rig.clock.advance(Duration.ofHours(8));
            assertThat(service.whenCertsValid()).isCompleted();
            int before = issuer.asked.size();
            assertThat(before).isGreaterThan(9_000); // the dead ones are in their second round
            List<Subject> live = names("live.example", 1_000);
            live.forEach(rig.store::request);
            // A poll, the dead ones under way, and then at least half of the room.
            rig.clock.advance(Duration.ofSeconds(300 + 20 + 1_000 * 5 / 4 + 5));
            assertThat(rig.saved).containsExactlyInAnyOrderElementsOf(live);
            assertThat(issuer.mostInFlight).isEqualTo(8);
        }
    }
}
