package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.autotls.IssueException.Kind;
import org.autotls.RenewalDecision.Reason;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service does with what issuers say of renewal (RFC 9773 §4), on virtual time. */
@ExtendWith(Quiet.class)
class RenewalInformationTest {

    private static final String NAME = "a.example";
    private static final Subject SUBJECT = Subject.of(NAME);
    private static final Duration SIX_HOURS = Duration.ofHours(6);

    private final ServiceRig rig = new ServiceRig();
    private final Instant start = rig.clock.instant();

    private RenewalWindow days(double from, double to) {
        return new RenewalWindow(start.plusSeconds((long) (from * 86_400)), start.plusSeconds((long) (to * 86_400)));
    }

    private static RenewalInformation said(RenewalWindow window) {
        return new RenewalInformation(window, "", SIX_HOURS);
    }

    private void suggest(Supplier<RenewalWindow> window) {
        rig.issuer.suggest(certificate -> CompletableFuture.completedStage(Optional.of(said(window.get()))));
    }

    /** Issues a certificate for 90 days, by a service that goes on. */
    private IssuingService issued(String name) {
        rig.requested(name);
        IssuingService service = rig.started();
        rig.clock.advance(Duration.ofMinutes(1));
        assertThat(rig.left(name)).isEqualTo(Duration.ofDays(90).minusMinutes(1));
        return service;
    }

    private RenewalRecord record() {
        return new RenewalRecords(rig.store).find(rig.store.find(SUBJECT).orElseThrow());
    }

    @Test
    void window_comesSooner_renewsAtItsDrawAndNamesThePredecessor() {
        suggest(() -> days(10, 12));
        try (IssuingService service = issued(NAME)) {
            String id = record().certificateId();
            Instant selected = record().selected();
            assertThat(selected).isBetween(days(10, 12).start(), days(10, 12).end());
            SubjectStatus status = service.status().get(0);
            assertThat(status.nextAction()).isEqualTo(selected);
            assertThat(status.reason()).isEqualTo(Reason.CA_SCHEDULE);
            assertThat(status.renewal()).isEqualTo(record());
            rig.clock.advance(Duration.between(rig.clock.instant(), selected).minusSeconds(1));
            assertThat(rig.saved).hasSize(1);
            suggest(() -> days(70, 72));
            rig.clock.advance(Duration.ofSeconds(2));
            assertThat(rig.saved).hasSize(2);
            assertThat(rig.issuer.predecessors())
                    .containsExactly(Optional.empty(), Optional.of(new IssuedCertificate(id, "fake")));
            assertThat(record().certificateId()).isNotEqualTo(id);
        }
    }

    @Test
    void window_comesLater_putsOffToTheEndOfOurOwnWindowAtMost() {
        suggest(() -> days(80, 85));
        try (IssuingService service = issued(NAME)) {
            RenewalWindow own = RenewalPolicy.DEFAULT.window(LeafTimes.of(rig.bundle(NAME)));
            assertThat(service.status().get(0).nextAction()).isEqualTo(own.end());
            rig.clock.advance(Duration.ofDays(63));
            assertThat(rig.saved).hasSize(2);
        }
    }

    @Test
    void draw_isKeptOverLooksRestartsAndNodes_andDrawnAnewForAnotherWindow() {
        suggest(() -> days(20, 40));
        IssuingService first = issued(NAME);
        Instant drawn = record().selected();
        rig.clock.advance(Duration.ofDays(2));
        first.close();
        try (IssuingService one = rig.started();
                IssuingService two = rig.started()) {
            rig.clock.advance(Duration.ofDays(2));
            assertThat(rig.issuer.inquiries()).hasSizeGreaterThan(15);
            for (IssuingService node : List.of(one, two)) {
                assertThat(node.status().get(0).renewal().selected()).isEqualTo(drawn);
                assertThat(node.status().get(0).nextAction()).isEqualTo(drawn);
            }
            suggest(() -> days(15, 40));
            rig.clock.advance(Duration.ofDays(1));
            Instant anew = record().selected();
            assertThat(anew).isNotEqualTo(drawn);
            for (IssuingService node : List.of(one, two)) {
                assertThat(node.status().get(0).nextAction()).isEqualTo(anew);
            }
        }
    }

    @Test
    void twoNodes_oneAsksAndTheOtherReadsTheAnswer() {
        suggest(() -> days(20, 40));
        try (IssuingService one = issued(NAME);
                IssuingService two = rig.started()) {
            rig.clock.advance(Duration.ofDays(10));
            // Each is woken by its own timer; the record says that the other one has asked already.
            assertThat(rig.issuer.inquiries().size()).isBetween(38, 42);
            assertThat(two.status().get(0).renewal()).isEqualTo(record());
            assertThat(one.status().get(0).renewal()).isEqualTo(record());
        }
    }

    @Test
    void firstAnswerFails_theNextCounts() {
        List<CompletionStage<Optional<RenewalInformation>>> answers = new ArrayList<>(List.of(
                CompletableFuture.failedStage(new IssueException(Kind.NETWORK, "down")),
                CompletableFuture.failedStage(new IllegalStateException("a bug")),
                CompletableFuture.completedStage(Optional.of(said(days(5, 6))))));
        rig.issuer.suggest(certificate -> answers.size() > 1 ? answers.remove(0) : answers.get(0));
        try (IssuingService service = issued(NAME)) {
            assertThat(record().window()).isEmpty();
            rig.clock.advance(Duration.ofMinutes(20));
            assertThat(rig.issuer.inquiries()).hasSize(3);
            assertThat(record().window()).contains(days(5, 6));
            assertThat(service.status().get(0).reason()).isEqualTo(Reason.CA_SCHEDULE);
        }
    }

    @Test
    void issuerFailsForEver_isAskedFourTimesADay_andTheLifetimeRules() {
        rig.issuer.suggest(certificate -> {
            throw new IllegalStateException("told to throw");
        });
        try (IssuingService service = issued(NAME)) {
            rig.clock.advance(Duration.ofDays(20));
            assertThat(rig.issuer.inquiries().size()).isBetween(80, 90);
            assertThat(service.status().get(0).reason()).isEqualTo(Reason.VALID);
            rig.clock.advance(Duration.ofDays(43));
            assertThat(rig.saved).hasSize(2);
        }
    }

    /** RFC 9773 §4.3.2. */
    @ParameterizedTest
    @CsvSource({"PT1H, 24", "PT6H, 4", "PT24H, 1"})
    void askAgain_isWhatTheIssuerSaid(Duration after, int perDay) {
        rig.issuer.suggest(certificate ->
                CompletableFuture.completedStage(Optional.of(new RenewalInformation(days(60, 61), "", after))));
        try (IssuingService service = issued(NAME)) {
            rig.clock.advance(Duration.ofDays(10));
            assertThat(service.status()).hasSize(1);
            assertThat(rig.issuer.inquiries().size()).isBetween(10 * perDay, 10 * perDay + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01/1970-01-02",
                "9999-01-01/9999-12-31",
                "2020-01-01/2030-01-01",
                "2025-12-29/2026-01-03",
                "2026-03-20/2026-04-10"
            })
    void B21_windowOfAnotherTime_isNoAnswer(String span) {
        String[] ends = span.split("/");
        suggest(() -> new RenewalWindow(Instant.parse(ends[0] + "T00:00:00Z"), Instant.parse(ends[1] + "T00:00:00Z")));
        try (IssuingService service = issued(NAME)) {
            rig.clock.advance(Duration.ofDays(1));
            assertThat(record().window()).isEmpty();
            assertThat(record().failures()).isPositive();
            assertThat(service.status().get(0).reason()).isEqualTo(Reason.VALID);
            assertThat(rig.saved).hasSize(1);
            assertThat(rig.suggestions).isEmpty();
        }
    }

    @Test
    void B21_nonsenseAfterASoundAnswer_theSoundOneStays() {
        suggest(() -> days(20, 40));
        try (IssuingService service = issued(NAME)) {
            Instant drawn = record().selected();
            suggest(() -> new RenewalWindow(Instant.EPOCH, Instant.EPOCH.plusSeconds(1)));
            rig.clock.advance(Duration.ofDays(3));
            assertThat(record().selected()).isEqualTo(drawn);
            assertThat(service.status().get(0).nextAction()).isEqualTo(drawn);
        }
    }

    /** As cert-manager had it (#8993): each new certificate is called back at once. */
    @Test
    void B21_windowThatIsAlwaysPast_oneOrderAnHourAtMost() {
        suggest(() -> new RenewalWindow(
                rig.clock.instant().minusSeconds(3600), rig.clock.instant().minusSeconds(1800)));
        try (IssuingService service = issued(NAME)) {
            rig.clock.advance(Duration.ofMinutes(30));
            assertThat(service.status().get(0).reason()).isEqualTo(Reason.ORDERED_LATELY);
            rig.clock.advance(Duration.ofHours(24));
            assertThat(rig.issuer.orders()).isBetween(24, 26);
        }
    }

    @Test
    void B21_windowPastAndOrdersFail_oneOrderAnHourAtMost_overRestarts() {
        suggest(() -> days(0.5, 0.6));
        issued(NAME).close();
        List<Instant> tries = new ArrayList<>();
        rig.issuer.answer(subject -> {
            tries.add(rig.clock.instant());
            return FakeIssuer.Answer.failure(new IssueException(Kind.SERVER, "told to fail"));
        });
        for (int i = 0; i < 4 * 24; i++) {
            try (IssuingService service = rig.started()) {
                rig.clock.advance(Duration.ofMinutes(15));
                assertThat(service.status()).hasSize(1);
            }
        }
        assertThat(tries.size()).isBetween(3, 5); // the schedule alone would begin with 1 and 10 minutes
        for (int i = 1; i < tries.size(); i++) {
            assertThat(Duration.between(tries.get(i - 1), tries.get(i))).isGreaterThanOrEqualTo(Duration.ofHours(1));
        }
    }

    @Test
    void issuerHangs_renewalsByLifetimeGoOn_andFewQuestionsAreUnderWay() {
        rig.issuer.suggest(certificate -> new CompletableFuture<>());
        for (int i = 0; i < 20; i++) {
            rig.requested("n" + i + ".example");
        }
        try (IssuingService service = rig.started()) {
            rig.clock.advance(Duration.ofMinutes(1));
            assertThat(rig.saved).hasSize(20);
            assertThat(rig.issuer.inquiries()).hasSize(RenewalInquiries.LANES);
            rig.clock.advance(RenewalInquiries.LIMIT);
            assertThat(rig.issuer.inquiries()).hasSize(2 * RenewalInquiries.LANES);
            rig.clock.advance(Duration.ofDays(64));
            assertThat(rig.saved).hasSize(40);
            assertThat(service.status()).allMatch(status -> status.renewal().failures() > 0);
        }
    }

    @Test
    void issuerWithoutWordOnRenewal_isAskedDaily_sinceItMayHaveOneTomorrow() {
        rig.issuer.suggest(certificate -> CompletableFuture.completedStage(Optional.empty()));
        try (IssuingService service = issued(NAME)) {
            rig.clock.advance(Duration.ofDays(10));
            assertThat(rig.issuer.inquiries().size()).isBetween(10, 11);
            suggest(() -> days(20, 21));
            rig.clock.advance(Duration.ofDays(1));
            assertThat(service.status().get(0).reason()).isEqualTo(Reason.CA_SCHEDULE);
        }
    }

    @Test
    void explanation_isToldOnceForEachWindow() {
        rig.issuer.suggest(certificate -> CompletableFuture.completedStage(
                Optional.of(new RenewalInformation(days(20, 21), "https://ca.example/why", SIX_HOURS))));
        try (IssuingService service = issued(NAME)) {
            rig.clock.advance(Duration.ofDays(3));
            assertThat(service.status().get(0).renewal().explanationUrl()).isEqualTo("https://ca.example/why");
            assertThat(rig.suggestions)
                    .containsExactly(new RenewalInformation(days(20, 21), "https://ca.example/why", SIX_HOURS));
        }
    }

    @Test
    void listenerThrows_everythingGoesOn() {
        suggest(() -> days(10, 11));
        ServiceListener bad = new ServiceListener() {
            @Override
            public void renewalSuggested(Subject subject, RenewalInformation information) {
                throw new IllegalStateException("told to throw");
            }
        };
        rig.requested(NAME);
        try (IssuingService service = rig.service(builder -> builder.listener(bad))) {
            service.start();
            rig.clock.advance(Duration.ofDays(11));
            assertThat(rig.saved).hasSizeGreaterThan(1);
            assertThat(service.callbackFailures()).isPositive();
        }
    }

    /** RFC 9773 §4.3.2: not after it has expired, and not after it was replaced. */
    @Test
    void expiredOrReplaced_isNotAskedAbout() {
        suggest(() -> days(10, 11));
        try (IssuingService service = issued(NAME)) {
            String old = record().certificateId();
            rig.clock.advance(Duration.ofDays(12));
            assertThat(rig.saved).hasSizeGreaterThan(1);
            int before = rig.issuer.inquiries().size();
            rig.issuer.fail(Kind.NETWORK);
            rig.clock.advance(Duration.ofDays(100));
            assertThat(rig.issuer
                            .inquiries()
                            .subList(before, rig.issuer.inquiries().size()))
                    .noneMatch(asked -> asked.id().equals(old));
            int expired = rig.issuer.inquiries().size();
            rig.clock.advance(Duration.ofDays(5));
            assertThat(rig.issuer.inquiries()).hasSize(expired);
            assertThat(service.status().get(0).reason()).isIn(Reason.BACKOFF, Reason.EXPIRED);
        }
    }

    @Test
    void entryReplacedByHand_isOfNobodyWeKnow() {
        suggest(() -> days(10, 11));
        try (IssuingService service = issued(NAME)) {
            int before = rig.issuer.inquiries().size();
            rig.stored(NAME, Duration.ofDays(80));
            rig.clock.advance(Duration.ofDays(12));
            assertThat(rig.issuer.inquiries()).hasSize(before);
            assertThat(rig.saved).hasSize(1);
            assertThat(service.status().get(0).renewal()).isEqualTo(RenewalRecord.NONE);
        }
    }

    @Test
    void entryEmptied_theNewCertificateReplacesTheLast() {
        suggest(() -> days(60, 61));
        try (IssuingService service = issued(NAME)) {
            Optional<IssuedCertificate> old = record().certificate();
            rig.store.remove(SUBJECT);
            rig.requested(NAME); // as after 'revoke --reason keyCompromise'
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.saved).hasSize(2);
            assertThat(rig.issuer.predecessors().get(1)).isEqualTo(old);
            assertThat(service.status()).hasSize(1);
        }
    }

    @Test
    void subjectRemoved_nothingStaysBehind() {
        suggest(() -> days(60, 61));
        try (IssuingService service = issued(NAME)) {
            assertThat(rig.store.keys("renewals/")).hasSize(1);
            rig.store.remove(SUBJECT);
            rig.clock.advance(Duration.ofHours(1));
            assertThat(rig.store.keys("renewals/")).isEmpty();
            assertThat(service.status()).isEmpty();
        }
    }

    @Test
    void recordUnreadable_countsAsNone() {
        suggest(() -> days(10, 11));
        issued(NAME).close();
        for (String garbage :
                List.of("", "{", "[]", "{\"certificates\":[{\"certificate\":\"x\",\"start\":\"soon\"}]}")) {
            Revision revision = rig.store.find("renewals/" + NAME).orElseThrow().revision();
            assertThat(rig.store.save("renewals/" + NAME, garbage, revision)).isPresent();
            assertThat(record()).isEqualTo(RenewalRecord.NONE);
            try (IssuingService service = rig.started()) {
                rig.clock.advance(Duration.ofHours(2));
                assertThat(service.status().get(0).reason()).isEqualTo(Reason.VALID);
            }
        }
    }

    @Test
    void crashLoopWhileAsking_asksNoMoreThanAFailingIssuer() {
        rig.issuer.suggest(certificate -> new CompletableFuture<>()); // whoever asks never hears
        issued(NAME).close();
        int before = rig.issuer.inquiries().size();
        for (int i = 0; i < 6 * 60; i++) {
            try (IssuingService service = rig.started()) {
                rig.clock.advance(Duration.ofSeconds(10));
                assertThat(service.status()).hasSize(1);
            }
        }
        assertThat(rig.issuer.inquiries().size() - before).isBetween(1, 3); // an hour: after 1 and 10 minutes
    }

    @Test
    void clockRanAheadAndCameBack_issuerIsAskedAgainWithinADay() {
        suggest(() -> days(60, 61));
        try (IssuingService service = issued(NAME)) {
            assertThat(service.status()).hasSize(1);
            Instant now = rig.clock.instant();
            RenewalRecord ahead = record().asked(now.plus(Duration.ofDays(3650)), new SplittableRandom(1));
            new RenewalRecords(rig.store).update(SUBJECT, ahead.certificateId(), old -> ahead);
            int before = rig.issuer.inquiries().size();
            rig.clock.advance(Duration.ofHours(12));
            assertThat(rig.issuer.inquiries()).hasSize(before + 2);
        }
    }

    @Test
    void askWhenToRenew_withoutAStart_asksOnceWhatIsDue() {
        suggest(() -> days(10, 11));
        rig.requested("b.example");
        issued(NAME).close();
        rig.clock.advance(Duration.ofDays(2));
        int before = rig.issuer.inquiries().size();
        suggest(() -> days(1, 1.5));
        try (IssuingService once = rig.service()) {
            CompletionStage<Void> asked = once.askWhenToRenew();
            rig.clock.advance(Duration.ofSeconds(1));
            assertThat(ServiceRig.isDone(asked)).isTrue();
            assertThat(rig.issuer.inquiries()).hasSize(before + 2);
            assertThat(rig.saved).hasSize(2);
        }
        assertThat(SubjectStatus.readAll(rig.store, rig.store, RenewalPolicy.DEFAULT, rig.clock.instant()))
                .allMatch(status -> status.reason() == Reason.CA_WINDOW);
        try (IssuingService again = rig.service()) {
            assertThat(ServiceRig.isDone(again.askWhenToRenew())).isTrue(); // each was asked within six hours
            assertThat(rig.issuer.inquiries()).hasSize(before + 2);
            rig.issuer.suggest(certificate -> new CompletableFuture<>());
            rig.clock.advance(SIX_HOURS);
            CompletionStage<Void> hangs = again.askWhenToRenew();
            assertThat(ServiceRig.isDone(hangs)).isFalse();
            again.stop();
            assertThat(ServiceRig.failureOf(hangs)).isInstanceOf(IssueException.class);
            assertThat(ServiceRig.failureOf(again.askWhenToRenew())).isInstanceOf(IssueException.class);
        }
    }

    @Test
    void tenThousandNewCertificates_areAskedAboutAtAnEvenPace() {
        List<Instant> asked = new ArrayList<>();
        rig.issuer.suggest(certificate -> {
            asked.add(rig.clock.instant());
            return CompletableFuture.completedStage(Optional.of(said(days(60, 61))));
        });
        int names = 1_000;
        CertificateBundle shared =
                ServiceRig.CA.issue(start, Duration.ofDays(90), NAME).withOrigin("fake");
        RenewalRecords records = new RenewalRecords(rig.store);
        for (int i = 0; i < names; i++) {
            Subject subject = Subject.of("n" + i + ".example");
            records.issued(subject, shared, start);
            assertThat(rig.store.save(subject, shared, Revision.NONE)).isPresent();
        }
        try (IssuingService service = rig.started()) {
            rig.clock.advance(RenewalInquiries.GAP.multipliedBy(names / 2));
            assertThat(asked.size()).isBetween(names / 2 - 1, names / 2 + 1);
            rig.clock.advance(Duration.ofHours(12));
            assertThat(asked.size()).isBetween(2 * names, 3 * names);
            for (int i = 1; i < asked.size(); i++) {
                assertThat(Duration.between(asked.get(i - 1), asked.get(i)))
                        .isGreaterThanOrEqualTo(RenewalInquiries.GAP);
            }
            assertThat(service.status()).hasSize(names);
        }
    }

    @Test
    void renewalInformation_outOfRange_isBroughtIntoIt() {
        assertThat(new RenewalInformation(days(1, 2), "", Duration.ZERO).askAgainAfter())
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(new RenewalInformation(days(1, 2), "", Duration.ofDays(365)).askAgainAfter())
                .isEqualTo(Duration.ofDays(1));
        assertThatThrownBy(() -> days(2, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
