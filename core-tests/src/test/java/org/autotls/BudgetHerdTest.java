package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeCaLimits;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Thousands of names at once, at a CA that enforces what Let's Encrypt publishes, on virtual time. */
@ExtendWith(Quiet.class)
@Tag("long")
class BudgetHerdTest {

    private static final OrderLimits LIMITS = new OrderLimits(
            new RateLimit(300, Duration.ofHours(3)),
            new RateLimit(50, Duration.ofDays(7)),
            new RateLimit(5, Duration.ofDays(7)));
    private static final int GROUP = 100;

    private final ServiceRig rig = new ServiceRig();
    private final ManualClock clock = rig.clock;
    private final FakeCaLimits limits = FakeCaLimits.letsEncrypt(clock);
    private final Map<Subject, CertificateBundle> good = new HashMap<>();
    private final List<Subject> ordered = new ArrayList<>();
    private int asked;

    /** Asks its budget as an {@code AcmeIssuer} does, takes 5 s, and does not prove names of {@code dead}. */
    private final class ModelCa implements Issuer {

        private final OrderBudget budget =
                OrderBudget.stored(rig.store, "model", LIMITS, LastTwoLabels.NAMES, Runnable::run);

        @Override
        public String issuerKey() {
            return "model";
        }

        @Override
        public OrderAllowance allowance(Instant now) {
            return budget.allowance(now);
        }

        @Override
        public OrderAllowance allowance(Subject subject, Instant now) {
            return budget.allowance(subject, now);
        }

        @Override
        public CompletionStage<CertificateBundle> issue(IssueRequest request) {
            asked++;
            return budget.take("account", request.subject())
                    .thenCompose(wait -> wait.<CompletionStage<CertificateBundle>>map(
                                    told -> CompletableFuture.failedFuture(
                                            new IssueException(Kind.OVER_BUDGET, told.why(), null, null, told.until())))
                            .orElseGet(() -> order(request.subject())));
        }

        private CompletionStage<CertificateBundle> order(Subject subject) {
            List<String> names = List.of(subject.name());
            if (!limits.takesOrder("account", names, false)) {
                return CompletableFuture.failedFuture(new IssueException(Kind.RATE_LIMITED, "refused"));
            }
            ordered.add(subject);
            CompletableFuture<CertificateBundle> result = new CompletableFuture<>();
            clock.schedule(Duration.ofSeconds(5), () -> {
                boolean proved = good.containsKey(subject);
                limits.validated("account", subject.name(), proved);
                if (proved) {
                    limits.issued(names, false);
                    result.complete(good.get(subject));
                } else {
                    budget.giveBack(subject);
                    result.completeExceptionally(new IssueException(Kind.UNPROVED, "dead"));
                }
            });
            return result;
        }
    }

    private IssuingService start() {
        Issuer issuer = new ModelCa();
        IssuingService service = IssuingService.builder(rig.store, rig.store, () -> issuer)
                .scheduler(clock)
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

    /** Stores certificates, one per hundred names; each group ends a minute before the one before it. */
    private List<Subject> stored(int count, Duration left) {
        List<Subject> all = new ArrayList<>();
        for (int group = 0; group < count; group += GROUP) {
            String[] names = new String[GROUP];
            for (int i = 0; i < GROUP; i++) {
                names[i] = "n" + (group + i) + ".example";
            }
            Duration lifetime = Duration.ofDays(90);
            Instant end = clock.instant().plus(left).plus(Duration.ofMinutes(count - group));
            CertificateBundle old = ServiceRig.CA.issue(end.minus(lifetime), lifetime, names);
            CertificateBundle fresh = ServiceRig.CA.issue(clock.instant(), lifetime, names);
            for (String name : names) {
                Subject subject = Subject.of(name);
                all.add(subject);
                good.put(subject, fresh);
                assertThat(rig.store.save(subject, old, Revision.NONE)).isPresent();
            }
        }
        return all;
    }

    private void dead(int count) {
        for (int i = 0; i < count; i++) {
            rig.requested("dead" + i + ".example");
        }
    }

    /** Asks for names below one domain, none of which has a certificate. */
    private List<Subject> wanted(String domain, int count) {
        List<Subject> all = new ArrayList<>();
        for (int group = 0; group < count; group += GROUP) {
            String[] names = new String[GROUP];
            for (int i = 0; i < GROUP; i++) {
                names[i] = "h" + (group + i) + "." + domain;
            }
            CertificateBundle fresh = ServiceRig.CA.issue(clock.instant(), Duration.ofDays(90), names);
            for (String name : names) {
                all.add(Subject.of(name));
                good.put(Subject.of(name), fresh);
                rig.requested(name);
            }
        }
        return all;
    }

    private static int group(Subject subject) {
        return Integer.parseInt(subject.name().substring(1, subject.name().indexOf('.'))) / GROUP;
    }

    @Test
    void D6_twentyFourHundredDueADayBeforeTheyEnd_noneExpiresAndNoneIsRefused() {
        List<Subject> subjects = stored(2_400, Duration.ofHours(24));
        dead(600);
        try (IssuingService service = start()) {
            clock.advance(Duration.ofHours(24));
            assertThat(service.whenCertsValid()).isDone();
        }
        assertThat(rig.saved).containsExactlyInAnyOrderElementsOf(subjects);
        assertThat(limits.refused()).isEmpty();
        assertThat(rig.store.keys("attempts/")).hasSizeLessThanOrEqualTo(600);
    }

    @Test
    void D6_tenThousandDueAtOnce_urgentFirstAndNoneRefusedOverARestart() {
        stored(10_000, Duration.ofDays(20)); // due, and not in panic: the dead are
        dead(50);
        try (IssuingService service = start()) {
            clock.advance(Duration.ofHours(40));
            assertThat(service.status()).anyMatch(one -> one.reason() == RenewalDecision.Reason.OVER_BUDGET);
        }
        try (IssuingService service = start()) {
            clock.advance(Duration.ofHours(60));
            assertThat(service.status()).noneMatch(one -> one.reason() == RenewalDecision.Reason.OVER_BUDGET);
        }
        assertThat(rig.saved).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(limits.refused()).isEmpty();
        List<Integer> groups = ordered.stream()
                .filter(good::containsKey)
                .distinct() // one was under way when the service stopped
                .map(BudgetHerdTest::group)
                .toList();
        assertThat(groups).isSortedAccordingTo((a, b) -> b - a);
    }

    @Test
    void D7_namesThatFail_delayNoFirstTry() {
        dead(1_000);
        try (IssuingService service = start()) {
            clock.advance(Duration.ofHours(20)); // all have failed, and now fail again and again
            List<Subject> live = stored(200, Duration.ofDays(20));
            int before = ordered.size();
            clock.advance(Duration.ofMinutes(5).plus(Duration.ofHours(2)));
            assertThat(rig.saved).containsExactlyInAnyOrderElementsOf(live);
            assertThat(ordered.subList(before, ordered.size())).containsAll(live);
            assertThat(service.callbackFailures()).isZero();
        }
        assertThat(limits.refused()).isEmpty();
    }

    @Test
    void waiting_isNoFailure_andSaysUntilWhen() {
        stored(400, Duration.ofDays(20));
        try (IssuingService service = start()) {
            clock.advance(Duration.ofMinutes(4));
            List<SubjectStatus> waiting = service.status().stream()
                    .filter(one -> one.reason() == RenewalDecision.Reason.OVER_BUDGET)
                    .toList();
            assertThat(waiting).isNotEmpty().hasSizeBetween(90, 110).allSatisfy(one -> {
                assertThat(one.nextAction())
                        .isBetween(clock.instant(), clock.instant().plusSeconds(36));
                assertThat(one.attempts()).isEqualTo(AttemptRecord.NONE);
            });
            List<SubjectStatus> read =
                    SubjectStatus.readAll(rig.store, rig.store, RenewalPolicy.DEFAULT, clock.instant());
            assertThat(read)
                    .filteredOn(one -> one.reason() == RenewalDecision.Reason.OVER_BUDGET)
                    .extracting(SubjectStatus::subject)
                    .containsExactlyElementsOf(
                            waiting.stream().map(SubjectStatus::subject).toList());
            assertThat(rig.failures).isEmpty();
            clock.advance(Duration.ofHours(2));
        }
        assertThat(rig.saved).hasSize(400);
        assertThat(rig.store.keys("attempts/")).isEmpty();
    }

    /** 49 at once and one each 201.6 minutes is what the CA allows below the domain, so that 300 take 35.2 days. */
    @Test
    void D6_threeHundredBelowOneDomain_delayNobodyElseAndNoneIsRefused() {
        List<Subject> crowd = wanted("crowd.example", 300);
        List<Subject> others = stored(2_000, Duration.ofDays(20));
        Duration interval = Duration.ofDays(7).dividedBy(50);
        try (IssuingService service = start()) {
            clock.advance(Duration.ofMinutes(10));
            assertThat(service.whenCertsValid()).isDone();
            clock.advance(
                    Duration.ofHours(19).minusMinutes(10)); // (2,000 + 54 - 294) orders at 100 an hour are 17.6 hours
            assertThat(rig.saved).containsAll(others);
            assertThat(rig.saved).filteredOn(crowd::contains).hasSize(49 + 5);
            assertThat(service.status())
                    .filteredOn(one -> one.reason() == RenewalDecision.Reason.NAMES_OVER_BUDGET)
                    .hasSize(300 - 54)
                    .allSatisfy(one -> {
                        assertThat(one.nextAction())
                                .isBetween(clock.instant(), clock.instant().plus(interval));
                        assertThat(one.attempts()).isEqualTo(AttemptRecord.NONE);
                    });
            assertThat(SubjectStatus.readAll(
                            rig.store, rig.store, RenewalPolicy.DEFAULT, LastTwoLabels.NAMES, clock.instant()))
                    .filteredOn(one -> one.reason() == RenewalDecision.Reason.NAMES_OVER_BUDGET)
                    .hasSize(300 - 54);
        }
        try (IssuingService service = start()) {
            clock.advance(
                    interval.multipliedBy(300 - 49).minus(Duration.ofHours(19)).plusMinutes(1));
            assertThat(service.status()).noneMatch(one -> one.attempts().failures() > 0);
        }
        assertThat(rig.saved).hasSize(2_300).doesNotHaveDuplicates().containsAll(crowd);
        assertThat(limits.refused()).isEmpty();
        assertThat(rig.store.keys("attempts/")).isEmpty();
    }

    /** What waits for its domain is tried once to find that out, and not each time that there is one place. */
    @Test
    void tenThousandBelowOneDomain_areNotTriedEachTime() {
        wanted("crowd.example", 10_000);
        try (IssuingService service = start()) {
            clock.advance(Duration.ofDays(1));
            assertThat(service.callbackFailures()).isZero();
        }
        assertThat(ordered).hasSize(49 + 7);
        assertThat(asked).isLessThan(49 + 7 + 20);
        assertThat(limits.refused()).isEmpty();
    }

    @Test
    void waitingForItsDomain_untilAnotherNodeHasRenewedIt() {
        wanted("crowd.example", 100);
        try (IssuingService service = start()) {
            clock.advance(Duration.ofMinutes(10));
            Subject waiting = service.status().stream()
                    .filter(one -> one.reason() == RenewalDecision.Reason.NAMES_OVER_BUDGET)
                    .findFirst()
                    .orElseThrow()
                    .subject();
            Revision stored = rig.store.find(waiting).orElseThrow().revision();
            assertThat(rig.store.save(waiting, java.util.Objects.requireNonNull(good.get(waiting)), stored))
                    .isPresent();
            clock.advance(Duration.ofMinutes(10));
            assertThat(service.status())
                    .filteredOn(one -> one.subject().equals(waiting))
                    .extracting(SubjectStatus::reason)
                    .containsExactly(RenewalDecision.Reason.VALID);
        }
        assertThat(rig.saved).hasSize(49);
    }
}
