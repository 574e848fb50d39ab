package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.autotls.RenewalDecision.LookAgainAt;
import org.autotls.RenewalDecision.Now;
import org.autotls.RenewalDecision.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenewalPolicyTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final RenewalPolicy POLICY = RenewalPolicy.DEFAULT;

    private static RenewalDecision decide(Instant now, LeafTimes leaf) {
        return POLICY.decide(now, leaf, AttemptRecord.NONE, RenewalRecord.NONE);
    }

    /** Lifetime; what is left when the window opens, when it closes, and when the alarm begins. */
    @ParameterizedTest
    @CsvSource({
        "PT1H,    PT30M,  PT28M,   PT15M",
        "PT144H,  PT72H,  PT67H12M, PT36H",
        "PT239H59M, PT119H59M30S, PT111H59M32S, PT59H59M45S",
        "P10D,    PT80H,  PT72H,   PT40H",
        "P45D,    P15D,   PT324H,  PT180H",
        "P90D,    P30D,   P27D,    P15D",
        "P398D,   P30D,   PT540H,  P15D",
    })
    void decide_eachLifetime_beforeInAndAfterTheWindow(
            Duration lifetime, Duration opens, Duration closes, Duration alarm) {
        Instant end = START.plus(lifetime);
        for (double draw : new double[] {0, 0.25, 0.999_999}) {
            LeafTimes leaf = new LeafTimes(START, end, draw);
            RenewalWindow window = POLICY.window(leaf);
            assertThat(window.start()).isEqualTo(end.minus(opens));
            assertThat(window.end()).isEqualTo(end.minus(closes));
            Instant due = window.at(draw);
            assertThat(due).isBetween(window.start(), window.end());

            assertThat(decide(START, leaf)).isEqualTo(new LookAgainAt(due, Reason.VALID));
            assertThat(decide(due.minusMillis(1), leaf)).isEqualTo(new LookAgainAt(due, Reason.VALID));
            assertThat(decide(due, leaf)).isEqualTo(new Now(Reason.WINDOW, false));
            assertThat(decide(end.minus(alarm), leaf)).isEqualTo(new Now(Reason.WINDOW, false));
            assertThat(decide(end.minus(alarm).plusMillis(1), leaf)).isEqualTo(new Now(Reason.EXPIRES_SOON, true));
            assertThat(decide(end.minusMillis(1), leaf)).isEqualTo(new Now(Reason.EXPIRES_SOON, true));
            assertThat(decide(end, leaf)).isEqualTo(new Now(Reason.EXPIRED, true));
            assertThat(decide(end.plus(Duration.ofDays(4000)), leaf)).isEqualTo(new Now(Reason.EXPIRED, true));
        }
    }

    @Test
    void decide_noCertificate_isDueAndPanicking() {
        assertThat(decide(START, LeafTimes.NONE)).isEqualTo(new Now(Reason.MISSING, true));
    }

    @Test
    void decide_intervalsAreCaps_neverStretchAShortLife() {
        RenewalPolicy longer = new RenewalPolicy(Duration.ofDays(3650), Duration.ofDays(3650));
        LeafTimes sixDays = new LeafTimes(START, START.plus(Duration.ofDays(6)), 0);
        assertThat(longer.decide(START, sixDays, AttemptRecord.NONE, RenewalRecord.NONE))
                .isEqualTo(new LookAgainAt(START.plus(Duration.ofDays(3)), Reason.VALID));
        RenewalPolicy shorter = new RenewalPolicy(Duration.ofDays(1), Duration.ofDays(30));
        LeafTimes ninety = new LeafTimes(START, START.plus(Duration.ofDays(90)), 0.999);
        assertThat(shorter.window(ninety).start()).isEqualTo(START.plus(Duration.ofDays(89)));
        assertThat(shorter.isPanicking(shorter.window(ninety).end(), ninety)).isFalse();
    }

    @Test
    void D2_clockBehind_ordersNothing() {
        LeafTimes leaf = new LeafTimes(START, START.plus(Duration.ofDays(90)), 0.5);
        for (Instant now : new Instant[] {Instant.EPOCH, Instant.MIN, Instant.parse("2025-12-31T23:59:59Z")}) {
            assertThat(decide(now, LeafTimes.NONE).reason()).isEqualTo(Reason.CLOCK_BEHIND);
            assertThat(decide(now, leaf)).isInstanceOf(LookAgainAt.class);
        }
        assertThat(decide(START.minus(Duration.ofDays(1)), leaf))
                .isEqualTo(new LookAgainAt(POLICY.window(leaf).at(0.5), Reason.NOT_YET_VALID));
    }

    @Test
    void decide_afterAFailure_waitsForTheNextAttempt() {
        Instant next = START.plus(Duration.ofMinutes(10));
        AttemptRecord failed = new AttemptRecord(2, "NETWORK", "down", START, next);
        assertThat(POLICY.decide(START, LeafTimes.NONE, failed, RenewalRecord.NONE))
                .isEqualTo(new LookAgainAt(next, Reason.BACKOFF));
        assertThat(POLICY.decide(next, LeafTimes.NONE, failed, RenewalRecord.NONE))
                .isEqualTo(new Now(Reason.MISSING, true));
    }

    @Test
    void D1_leafOfAClockThatRanFarAhead_isDueAndAnAlarm() {
        LeafTimes leaf = new LeafTimes(START, START.plus(Duration.ofDays(7)), 0.5);
        Instant now = START.minus(Duration.ofDays(366));
        LeafTimes ahead = new LeafTimes(
                leaf.notBefore().plus(Duration.ofDays(3650)), leaf.notAfter().plus(Duration.ofDays(3650)), 0.5);
        assertThat(decide(START, ahead)).isEqualTo(new Now(Reason.NOT_YET_VALID, true));
        assertThat(POLICY.isPanicking(START, ahead)).isTrue();
        assertThat(decide(now, leaf)).isInstanceOf(LookAgainAt.class); // a clock before 2026
        assertThat(POLICY.isPanicking(now, leaf)).isFalse();
        assertThat(POLICY.isPanicking(ahead.notBefore().minus(Duration.ofDays(364)), ahead))
                .isFalse();
    }

    @Test
    void D1_recordOfAClockThatRanAhead_forbidsNothing() {
        Instant ahead = START.plus(Duration.ofDays(3650));
        AttemptRecord failed = new AttemptRecord(5, "NETWORK", "down", ahead, ahead.plus(Duration.ofDays(1)));
        assertThat(POLICY.decide(START, LeafTimes.NONE, failed, RenewalRecord.NONE))
                .isEqualTo(new Now(Reason.MISSING, true));
    }

    @Test
    void decide_oddLifetimes_neverThrow() {
        for (Duration lifetime : new Duration[] {
            Duration.ofDays(-5), Duration.ZERO, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofDays(2_900_000)
        }) {
            LeafTimes leaf = new LeafTimes(START, START.plus(lifetime), 0.3);
            for (int days = -400; days <= 400; days += 7) {
                Instant now = START.plus(Duration.ofDays(days));
                RenewalDecision decision = decide(now, leaf);
                if (decision instanceof LookAgainAt later) {
                    assertThat(later.instant()).isAfter(now);
                }
            }
        }
    }

    @Test
    void draw_isTheSameForOneLeafAndDiffersBetweenLeaves() {
        Set<Double> draws = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            CertificateBundle bundle = ServiceRig.CA.issue(START, Duration.ofDays(90), "a.example");
            CertificateBundle again = CertificateBundle.of(bundle.privateKey(), bundle.chain());
            assertThat(LeafTimes.of(bundle)).isEqualTo(LeafTimes.of(again));
            draws.add(LeafTimes.of(bundle).draw());
        }
        assertThat(draws).hasSize(20).allMatch(draw -> draw >= 0 && draw < 1);
    }

    private static final LeafTimes NINETY = new LeafTimes(START, START.plus(Duration.ofDays(90)), 0.5);

    private static Instant day(double day) {
        return START.plusSeconds((long) (day * 86_400));
    }

    /** What an issuer said of a certificate that came at {@link #START}. */
    private static RenewalRecord said(double from, double to, double selected) {
        RenewalWindow window = new RenewalWindow(day(from), day(to));
        return new RenewalRecord("id", "ca", START, Optional.of(window), day(selected), "", START, 0);
    }

    private static RenewalDecision decide(double day, AttemptRecord attempts, RenewalRecord said) {
        return POLICY.decide(day(day), NINETY, attempts, said);
    }

    /** The issuer's window and its draw; the day on which it is done: days 60 to 63 are what the lifetime gives. */
    @ParameterizedTest
    @CsvSource({"10, 12, 11, 11", "-1, -0.9, -0.95, 0.0417", "59, 61, 60.9, 60.9", "61, 64, 62, 62", "70, 80, 75, 63"})
    void said_bringsForwardOrPutsOff_withinBounds(double from, double to, double selected, double done) {
        RenewalRecord said = said(from, to, selected);
        assertThat(decide(done - 0.001, AttemptRecord.NONE, said)).isInstanceOf(LookAgainAt.class);
        assertThat(decide(done + 0.001, AttemptRecord.NONE, said))
                .isEqualTo(new Now(done < 63 ? Reason.CA_WINDOW : Reason.WINDOW, false));
        assertThat(decide(76, AttemptRecord.NONE, said)).isEqualTo(new Now(Reason.EXPIRES_SOON, true));
        assertThat(decide(90, AttemptRecord.NONE, said)).isEqualTo(new Now(Reason.EXPIRED, true));
    }

    @Test
    void said_userWantsItLater_theIssuerRules_andTheUserCaps() {
        RenewalPolicy late = new RenewalPolicy(Duration.ofDays(10), Duration.ofDays(2));
        assertThat(late.decide(day(20), NINETY, AttemptRecord.NONE, said(19, 21, 20)))
                .isEqualTo(new Now(Reason.CA_WINDOW, false));
        assertThat(late.decide(day(20), NINETY, AttemptRecord.NONE, said(85, 89, 88)))
                .isEqualTo(new LookAgainAt(late.window(NINETY).end(), Reason.CA_SCHEDULE));
    }

    @Test
    void said_oneOrderAnHour_failedOrNot_butResumingIsNone() {
        RenewalRecord said = said(10, 11, 10.5);
        AttemptRecord failed =
                new AttemptRecord(1, "SERVER", "down", day(10.5), day(10.5).plusSeconds(60));
        assertThat(decide(10.52, failed, said))
                .isEqualTo(new LookAgainAt(day(10.5).plusSeconds(3600), Reason.ORDERED_LATELY));
        assertThat(decide(10.55, failed, said)).isEqualTo(new Now(Reason.CA_WINDOW, false));
        AttemptRecord died = new AttemptRecord(1, AttemptRecord.STARTED, "", day(10.5), day(10.5));
        assertThat(decide(10.52, died, said)).isEqualTo(new Now(Reason.CA_WINDOW, false));
    }

    @Test
    void said_whatIsDueAnyway_doesNotWaitForTheHour() {
        AttemptRecord failed = new AttemptRecord(1, "SERVER", "down", day(64), day(64).plusSeconds(60));
        assertThat(POLICY.decide(day(64).plusSeconds(60), NINETY, failed, said(10, 11, 10.5)))
                .isEqualTo(new Now(Reason.WINDOW, false));
    }

    @Test
    void D1_issuedByAClockThatRanAhead_forbidsNothing() {
        RenewalRecord ahead =
                new RenewalRecord("id", "ca", day(3650), said(10, 11, 10.5).window(), day(10.5), "", START, 0);
        assertThat(decide(10.6, AttemptRecord.NONE, ahead)).isEqualTo(new Now(Reason.CA_WINDOW, false));
    }

    /** B21: whatever an issuer says, never later than what the lifetime gives, and the answer always moves time on. */
    @Test
    void B21_anyWindow_neverLaterThanTheBackstop() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double from = random.nextDouble(-1, 91);
            double to = from + random.nextDouble(0.001, 92);
            RenewalRecord said = said(from, to, random.nextDouble(from, to));
            double now = random.nextDouble(0, 100);
            RenewalDecision decision = decide(now, AttemptRecord.NONE, said);
            if (decision instanceof LookAgainAt later) {
                assertThat(later.instant()).isAfter(day(now)).isBeforeOrEqualTo(day(63));
            }
        }
    }

    @Test
    void intervals_notPositive_areRefusedByName() {
        assertThatThrownBy(() -> new RenewalPolicy(Duration.ZERO, Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reissue interval PT0S");
        assertThatThrownBy(() -> new RenewalPolicy(Duration.ofDays(1), Duration.ofDays(-1)))
                .hasMessageContaining("panic interval");
    }

    @Test
    void window_emptyOrOutOfRange_isRefused() {
        assertThatThrownBy(() -> new RenewalWindow(START, START)).isInstanceOf(IllegalArgumentException.class);
        RenewalWindow window = new RenewalWindow(START, START.plusSeconds(10));
        assertThat(window.at(0)).isEqualTo(START);
        assertThat(window.at(0.5)).isEqualTo(START.plusSeconds(5));
        assertThatThrownBy(() -> window.at(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> window.at(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
