package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.autotls.IssueException.Kind;
import org.autotls.acme.AcmeDirectories;
import org.autotls.acme.AcmeLimits;
import org.autotls.internal.CertificateIds;
import org.autotls.testkit.FakeCaLimits;
import org.autotls.tls.CertificateIndex;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A CA calls ten thousand certificates back at once (docs/faults.md, O). */
@ExtendWith(Quiet.class)
@Tag("long")
class MassRevocationTest {

    private static final OrderLimits PUBLISHED =
            AcmeLimits.at(AcmeDirectories.LETS_ENCRYPT).orders();
    private static final int NAMES = 10_000;
    private static final int GROUP = 20;
    private static final int SAMPLE = 97; // one in so many names is looked up as a handshake would
    private static final Duration ORDER_TAKES = Duration.ofSeconds(5);
    private static final Duration ANSWER_TAKES = Duration.ofMillis(400);
    private static final Duration LIFETIME = Duration.ofDays(90);

    private final ServiceRig rig = new ServiceRig();
    private final RenewalRecords records = new RenewalRecords(rig.store);
    private final LiveIndex served = new LiveIndex(rig.clock);
    private final Map<Integer, CertificateBundle> renewed = new HashMap<>();

    /**
     * Orders take five seconds, answers to questions 0.4 s; old certificates are called back once told to. Enforces what Let's
     * Encrypt publishes, and is asked as an {@code AcmeIssuer} asks.
     */
    private final class BusyCa implements Issuer {

        final FakeCaLimits limits = FakeCaLimits.letsEncrypt(rig.clock);
        final OrderBudget budget = OrderBudget.stored(rig.store, "busy", PUBLISHED, LastTwoLabels.NAMES, Runnable::run);

        /** Whether an order that names what it replaces spends nothing, as at Let's Encrypt. */
        boolean exempts = true;

        final List<Subject> orders = new ArrayList<>();
        final Map<Subject, Instant> lastOrder = new HashMap<>();
        final Set<String> calledBack = new HashSet<>();
        final Set<Optional<String>> replaced = new HashSet<>();
        int inFlight;
        int mostInFlight;
        int asking;
        int mostAsking;
        Duration leastBetweenOrders = Duration.ofDays(1000);

        @Override
        public String issuerKey() {
            return "busy";
        }

        @Override
        public OrderAllowance allowance(Instant now) {
            return budget.allowance(now);
        }

        @Override
        public CompletionStage<CertificateBundle> issue(IssueRequest request) {
            if (exempts && request.predecessor().isPresent()) {
                return order(request);
            }
            return budget.take("account", request.subject())
                    .thenCompose(wait -> wait.<CompletionStage<CertificateBundle>>map(
                                    spent -> CompletableFuture.failedFuture(
                                            new IssueException(Kind.OVER_BUDGET, "spent", null, null, spent.until())))
                            .orElseGet(() -> order(request)));
        }

        private CompletionStage<CertificateBundle> order(IssueRequest request) {
            Subject subject = request.subject();
            boolean exempt = exempts && request.predecessor().isPresent();
            if (!limits.takesOrder("account", List.of(subject.name()), exempt)) {
                return CompletableFuture.failedFuture(new IssueException(Kind.RATE_LIMITED, "refused"));
            }
            Instant now = rig.clock.instant();
            Optional.ofNullable(lastOrder.put(subject, now))
                    .map(last -> Duration.between(last, now))
                    .filter(gap -> gap.compareTo(leastBetweenOrders) < 0)
                    .ifPresent(gap -> leastBetweenOrders = gap);
            orders.add(subject);
            replaced.add(request.predecessor().map(IssuedCertificate::id));
            inFlight++;
            mostInFlight = Math.max(mostInFlight, inFlight);
            CompletableFuture<CertificateBundle> result = new CompletableFuture<>();
            rig.clock.schedule(ORDER_TAKES, () -> {
                inFlight--;
                limits.validated("account", subject.name(), true);
                limits.issued(List.of(subject.name()), exempt);
                result.complete(renewed(group(subject)));
            });
            return result;
        }

        @Override
        public CompletionStage<Optional<RenewalInformation>> renewalInformation(IssuedCertificate certificate) {
            asking++;
            mostAsking = Math.max(mostAsking, asking);
            CompletableFuture<Optional<RenewalInformation>> answer = new CompletableFuture<>();
            rig.clock.schedule(ANSWER_TAKES, () -> {
                asking--;
                answer.complete(Optional.of(said(calledBack.contains(certificate.id()))));
            });
            return answer;
        }
    }

    private final BusyCa ca = new BusyCa();

    private RenewalInformation said(boolean calledBack) {
        Instant now = rig.clock.instant();
        RenewalWindow window = calledBack
                ? new RenewalWindow(now.minusSeconds(3600), now.minusSeconds(1800))
                : new RenewalWindow(Instant.parse("2026-02-10T00:00:00Z"), Instant.parse("2026-02-12T00:00:00Z"));
        return new RenewalInformation(window, calledBack ? "https://ca.example/incident" : "", Duration.ofHours(6));
    }

    private static Subject subject(int number) {
        return Subject.of("n" + number + ".example");
    }

    private static int number(Subject subject) {
        return Integer.parseInt(subject.name().substring(1, subject.name().indexOf('.')));
    }

    private static int group(Subject subject) {
        return number(subject) / GROUP;
    }

    private static String[] names(int group) {
        String[] names = new String[GROUP];
        for (int i = 0; i < GROUP; i++) {
            names[i] = subject(group * GROUP + i).name();
        }
        return names;
    }

    private CertificateBundle renewed(int group) {
        return renewed.computeIfAbsent(
                group,
                made -> ServiceRig.CA
                        .issue(rig.clock.instant(), LIFETIME, names(made))
                        .withOrigin("busy"));
    }

    /** One certificate for twenty names; the later the group, the sooner it expires. */
    private List<CertificateBundle> storeAll() {
        List<CertificateBundle> bundles = new ArrayList<>();
        for (int group = 0; group < NAMES / GROUP; group++) {
            Instant from = rig.clock.instant().minus(Duration.ofMinutes(12L * group));
            CertificateBundle bundle =
                    ServiceRig.CA.issue(from, LIFETIME, names(group)).withOrigin("busy");
            bundles.add(bundle);
            for (int i = 0; i < GROUP; i++) {
                Subject subject = subject(group * GROUP + i);
                records.issued(subject, bundle, from);
                assertThat(rig.store.save(subject, bundle, Revision.NONE)).isPresent();
            }
        }
        return bundles;
    }

    private static String id(CertificateBundle bundle) {
        return CertificateIds.of(bundle.leaf()).orElseThrow();
    }

    private IssuingService start() {
        ServiceListener index = new ServiceListener() {
            @Override
            public void changed(StoredBundle entry) {
                if (number(entry.subject()) % SAMPLE == 0) {
                    entry.bundle().ifPresent(bundle -> served.put(entry.subject(), bundle));
                }
            }
        };
        IssuingService service = IssuingService.builder(rig.store, rig.store, () -> ca)
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofMinutes(5))
                .random(new SplittableRandom(7))
                .listener(index)
                .listener(rig)
                .build();
        service.start();
        return service;
    }

    private void assertAllAreServed() {
        CertificateIndex index = served.current();
        for (int i = 0; i < NAMES; i += SAMPLE) {
            assertThat(index.find(subject(i).name())).as("%s", subject(i)).isPresent();
        }
    }

    @Test
    void O_windowsOfAllArePastAtOnce_mostUrgentFirst_boundedAndServedMeanwhile() {
        storeAllCalledBack();
        try (IssuingService service = start()) {
            Duration all = ORDER_TAKES.multipliedBy(NAMES / 8);
            rig.clock.advance(all.dividedBy(2));
            assertThat(rig.saved.size()).isBetween(NAMES / 2 - 100, NAMES / 2 + 100);
            assertAllAreServed();
            rig.clock.advance(all.dividedBy(2).plusSeconds(10));
            assertThat(rig.saved).hasSize(NAMES).doesNotHaveDuplicates();
            assertAllAreServed();
            assertThat(ca.mostInFlight).isEqualTo(8);
            assertThat(ca.orders.stream().map(MassRevocationTest::group).toList())
                    .isSortedAccordingTo(Comparator.reverseOrder());
            assertThat(ca.replaced).hasSize(NAMES / GROUP).doesNotContain(Optional.empty());
            assertThat(ca.limits.refused()).isEmpty();
            rig.clock.advance(Duration.ofHours(2));
            assertThat(ca.orders).hasSize(NAMES);
            assertThat(service.status()).noneMatch(SubjectStatus::panicking);
        }
    }

    /** As another node was told, just now. */
    private void storeAllCalledBack() {
        List<CertificateBundle> old = storeAll();
        old.forEach(bundle -> ca.calledBack.add(id(bundle)));
        for (int i = 0; i < NAMES; i++) {
            records.update(
                    subject(i),
                    id(old.get(i / GROUP)),
                    record -> record.answered(said(true), rig.clock.instant(), new SplittableRandom(1)));
        }
        rig.clock.advance(Duration.ofHours(1));
    }

    /** Whatever an order replaces, it counts at this CA: ten thousand take a hundred hours. */
    @Test
    void O_windowsOfAllArePastAtOnce_ordersAreLimited_noneIsRefusedAndTheOldAreServedMeanwhile() {
        ca.exempts = false;
        storeAllCalledBack();
        try (IssuingService service = start()) {
            int before = 0;
            for (int hour = 3; hour <= 90; hour += 3) {
                rig.clock.advance(Duration.ofHours(3));
                assertThat(rig.saved.size() - before).as("until hour %s", hour).isBetween(250, 600);
                before = rig.saved.size();
                assertThat(before).isLessThanOrEqualTo(300 + 100 * hour);
                assertAllAreServed();
            }
            assertThat(service.status()).noneMatch(SubjectStatus::panicking);
            rig.clock.advance(Duration.ofHours(12));
            assertThat(rig.saved).hasSize(NAMES).doesNotHaveDuplicates();
            assertAllAreServed();
            assertThat(ca.limits.refused()).isEmpty();
            assertThat(rig.failures).isEmpty();
            assertThat(ca.mostInFlight).isLessThanOrEqualTo(8);
            assertThat(ca.orders.stream().map(MassRevocationTest::group).toList())
                    .isSortedAccordingTo(Comparator.reverseOrder());
            assertThat(ca.replaced).hasSize(NAMES / GROUP).doesNotContain(Optional.empty());
            assertThat(rig.store.keys("attempts/")).isEmpty();
            assertThat(service.status()).noneMatch(status -> status.reason() == RenewalDecision.Reason.OVER_BUDGET);
        }
    }

    @Test
    void O_calledBackWhileWeRun_allAreReplacedWithinOneRoundOfQuestions() {
        List<CertificateBundle> old = storeAll();
        try (IssuingService service = start()) {
            rig.clock.advance(Duration.ofHours(1));
            assertThat(ca.orders).isEmpty();
            assertThat(service.status())
                    .allMatch(status -> status.renewal().window().isPresent());
            old.forEach(bundle -> ca.calledBack.add(id(bundle)));
            rig.clock.advance(Duration.ofHours(7));
            assertThat(rig.saved).hasSize(NAMES).doesNotHaveDuplicates();
            assertAllAreServed();
            assertThat(ca.mostInFlight).isLessThanOrEqualTo(8);
            assertThat(ca.mostAsking).isLessThanOrEqualTo(RenewalInquiries.LANES);
            assertThat(rig.suggestions.stream()
                            .filter(said -> !said.explanationUrl().isEmpty()))
                    .hasSize(NAMES);
        }
    }

    /** The CA is confused and calls back what it has just issued, too. */
    @Test
    void O_newCertificatesAreCalledBackToo_oneOrderAnHourForEachName() {
        int few = 300;
        storeAll().forEach(bundle -> ca.calledBack.add(id(bundle)));
        for (int i = few; i < NAMES; i++) {
            rig.store.remove(subject(i));
        }
        try (IssuingService service = start()) {
            for (int hour = 0; hour < 24; hour++) {
                rig.clock.advance(Duration.ofHours(1));
                renewed.values().forEach(bundle -> ca.calledBack.add(id(bundle)));
                renewed.clear();
            }
            assertThat(ca.orders.size()).isBetween(4 * few, 25 * few);
            assertThat(ca.leastBetweenOrders).isGreaterThanOrEqualTo(Duration.ofHours(1));
            assertThat(service.status()).hasSize(few);
        }
    }
}
