package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.autotls.OrderBudget.Wait;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.Test;

/** Limits per registered domain and per set of names, beside that of the account. */
class NameBudgetTest {

    private static final String ACCOUNT = "https://ca.example/account/1";

    /** A fiftieth, at least one, is kept back: 98 orders at once, 4 below a domain (one each hour), 2 of a set (one each day). */
    private static final OrderLimits LIMITS = new OrderLimits(
            new RateLimit(100, Duration.ofHours(1)),
            new RateLimit(5, Duration.ofHours(5)),
            new RateLimit(3, Duration.ofDays(3)));

    private final ManualClock clock = new ManualClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final OrderBudget budget = node(LastTwoLabels.NAMES);

    private OrderBudget node(DomainNames names) {
        return OrderBudget.stored(store, "https://ca.example/directory", LIMITS, names, Runnable::run);
    }

    private static Optional<Wait> take(OrderBudget budget, String subject) {
        return budget.take(ACCOUNT, Subject.parse(subject))
                .toCompletableFuture()
                .join();
    }

    private String text() {
        return store.find(store.keys("budgets/").get(0)).orElseThrow().text();
    }

    /** How often the store was written to so far. */
    private long writes() {
        Revision last = store.save(
                        "probe",
                        "",
                        store.find("probe").map(StateStore.Entry::revision).orElse(Revision.NONE))
                .orElseThrow();
        return Long.parseLong(last.value());
    }

    private Wait in(Duration wait, String why) {
        return new Wait(clock.instant().plus(wait), why + " are used up");
    }

    @Test
    void domain_full_holdsItsOwnNamesOnly() {
        for (String name : List.of("a.one.example", "b.one.example", "*.one.example", "one.example")) {
            assertThat(take(budget, name)).isEmpty();
        }
        assertThat(take(budget, "c.one.example")).contains(in(Duration.ofHours(1), "certificates for one.example"));
        assertThat(take(budget, "a.two.example")).isEmpty();
        assertThat(budget.allowance(Subject.of("c.one.example"), clock.instant()))
                .isEqualTo(new OrderAllowance(0, clock.instant().plus(Duration.ofHours(1))));
        assertThat(budget.allowance(Subject.of("b.two.example"), clock.instant())
                        .orders())
                .isEqualTo(2); // of the set; of the domain there are three
        clock.advance(Duration.ofHours(1));
        assertThat(take(budget, "c.one.example")).isEmpty();
        assertThat(take(budget, "d.one.example")).isPresent();
    }

    @Test
    void set_full_holdsThatSetWhateverItsOrderAndKey() {
        assertThat(take(budget, "a.example,b.example")).isEmpty();
        assertThat(take(budget, "b.example,a.example:rsa")).isEmpty();
        assertThat(take(budget, "a.example,b.example"))
                .contains(in(Duration.ofDays(1), "certificates for exactly these names"));
        assertThat(take(budget, "a.example,b.example,c.example")).isEmpty();
    }

    /** Two of four places below one domain, and one full domain in the same order: nothing is taken of either. */
    @Test
    void oneFull_nothingIsTakenOfTheOthers() {
        for (String name : List.of("a", "b", "c", "d")) {
            take(budget, name + ".full.example");
        }
        take(budget, "a.half.example");
        int orders = budget.allowance(clock.instant()).orders();
        String before = text();
        long writes = writes();
        for (int i = 0; i < 50; i++) {
            assertThat(take(budget, "x" + i + ".half.example,x.full.example")).isPresent();
        }
        assertThat(text()).isEqualTo(before);
        assertThat(writes()).isEqualTo(writes + 1);
        assertThat(budget.allowance(clock.instant()).orders()).isEqualTo(orders);
        assertThat(budget.allowance(Subject.of("x.half.example"), clock.instant())
                        .orders())
                .isEqualTo(2); // of a set; of the domain there are three
    }

    @Test
    void twoNodes_shareThem() {
        OrderBudget other = node(LastTwoLabels.NAMES);
        int taken = 0;
        for (int i = 0; i < 20; i++) {
            taken += take(i % 2 == 0 ? budget : other, "n" + i + ".one.example").isEmpty() ? 1 : 0;
        }
        assertThat(taken).isEqualTo(4);
    }

    @Test
    void addresses_countByAddressOrNetwork() {
        assertThat(take(budget, "2001:db8:0:1::1")).isEmpty();
        assertThat(take(budget, "2001:db8:0:1::2")).isEmpty();
        assertThat(take(budget, "2001:db8:0:1::3")).isEmpty();
        assertThat(take(budget, "2001:db8:0:1::4")).isEmpty();
        assertThat(take(budget, "2001:db8:0:1::5"))
                .contains(in(Duration.ofHours(1), "certificates for 2001:0db8:0000:0001::/64"));
        assertThat(take(budget, "2001:db8:0:2::5")).isEmpty();
        for (int i = 1; i <= 4; i++) {
            assertThat(take(budget, "192.0.2.1,n" + i + ".example")).isEmpty();
        }
        assertThat(take(budget, "192.0.2.1,x.example")).contains(in(Duration.ofHours(1), "certificates for 192.0.2.1"));
        assertThat(take(budget, "192.0.2.2")).isEmpty();
    }

    @Test
    void domainsNotKnown_countBySetAlone() {
        OrderBudget unknowing = node(DomainNames.NONE);
        for (int i = 0; i < 50; i++) {
            assertThat(take(unknowing, "n" + i + ".one.example")).isEmpty();
        }
        assertThat(take(unknowing, "n0.one.example")).isEmpty();
        assertThat(take(unknowing, "n0.one.example")).isPresent();
    }

    @Test
    void giveBack_ofNames_theAccountsStaysSpent() {
        for (int i = 0; i < 50; i++) {
            assertThat(take(budget, "dead.one.example")).isEmpty();
            budget.giveBack(Subject.of("dead.one.example"))
                    .toCompletableFuture()
                    .join();
        }
        assertThat(budget.allowance(clock.instant()).orders()).isEqualTo(48); // two are kept back
        assertThat(budget.allowance(Subject.of("dead.one.example"), clock.instant())
                        .orders())
                .isEqualTo(2);
    }

    @Test
    void full_isForgotten_andTheTextStaysBounded() {
        OrderLimits sets = new OrderLimits(RateLimit.NONE, RateLimit.NONE, new RateLimit(5, Duration.ofDays(7)));
        Queue<Runnable> work = new ArrayDeque<>();
        OrderBudget many =
                OrderBudget.stored(store, "https://ca.example/directory", sets, LastTwoLabels.NAMES, work::add);
        for (int day = 0; day < 2; day++) {
            for (int i = 0; i < 5_000; i++) {
                many.take(ACCOUNT, Subject.of("n" + i + ".day" + day + ".example"));
            }
            work.remove().run();
            assertThat(text().length()).isGreaterThan(150_000);
            clock.advance(Duration.ofHours(1));
        }
        assertThat(text().length()).isLessThan(300_000); // of 10,000 budgets, those of 8,000
        clock.advance(Duration.ofDays(7));
        many.take(ACCOUNT, Subject.of("last.example"));
        work.remove().run();
        assertThat(text()).hasSizeLessThan(300);
    }

    @Test
    void spentForSubject_saysWhichAndUntilWhen() {
        for (int i = 0; i < 4; i++) {
            take(budget, "n" + i + ".one.example");
        }
        Instant now = clock.instant();
        SpentOrders spent = SpentOrders.read(store, now);
        assertThat(spent.forAll()).isEmpty();
        assertThat(spent.forSubject(Subject.of("x.one.example"), LastTwoLabels.NAMES))
                .contains(in(Duration.ofHours(1), "certificates for one.example"));
        assertThat(spent.forSubject(Subject.of("x.two.example"), LastTwoLabels.NAMES))
                .isEmpty();
    }

    /** D1: what a clock far ahead has written is taken for an empty budget, and written down as that. */
    @Test
    void D1_clockPutBack_waitsForAnEmptyBudgetAtMost() {
        take(budget, "a.one.example");
        String ahead = text().replaceAll("(\"domain\":\\{[^}]*\"fullAt\":\"\\w+:)\\d+", "$19000000000000000");
        String key = store.keys("budgets/").get(0);
        assertThat(ahead).isNotEqualTo(text());
        assertThat(store.save(key, ahead, store.find(key).orElseThrow().revision()))
                .isPresent();
        take(budget, "b.one.example");
        clock.advance(Duration.ofHours(1));
        assertThat(take(budget, "c.one.example")).isEmpty();
    }
}
