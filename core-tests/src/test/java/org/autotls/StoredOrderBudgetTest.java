package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.Test;

class StoredOrderBudgetTest {

    /** A fiftieth, at least one, is kept back: 9 at once, one each hour. */
    private static final RateLimit LIMIT = new RateLimit(10, Duration.ofHours(10));

    private static final Subject SUBJECT = Subject.of("a.example");
    private static final String ACCOUNT = "https://ca.example/directory https://ca.example/account/1";

    private final ManualClock clock = new ManualClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final OrderBudget budget = node(store);

    private static OrderBudget node(StateStore state) {
        return node(state, OrderLimits.perAccount(LIMIT), Runnable::run);
    }

    private static OrderBudget node(StateStore state, OrderLimits limits, Executor executor) {
        return OrderBudget.stored(state, "https://ca.example/directory", limits, LastTwoLabels.NAMES, executor);
    }

    private static Optional<Instant> take(OrderBudget budget, String account) {
        return budget.take(account, SUBJECT).toCompletableFuture().join().map(OrderBudget.Wait::until);
    }

    private int takeAll(OrderBudget budget) {
        int taken = 0;
        while (take(budget, ACCOUNT).isEmpty()) {
            taken++;
        }
        return taken;
    }

    @Test
    void take_allAtOnce_thenOneEachInterval() {
        assertThat(takeAll(budget)).isEqualTo(9);
        assertThat(take(budget, ACCOUNT)).contains(clock.instant().plus(Duration.ofHours(1)));
        assertThat(budget.allowance(clock.instant()))
                .isEqualTo(new OrderAllowance(0, clock.instant().plus(Duration.ofHours(1))));
        for (int hour = 0; hour < 100; hour++) {
            clock.advance(Duration.ofHours(1).minusSeconds(1));
            assertThat(takeAll(budget)).isZero();
            clock.advance(Duration.ofSeconds(1));
            assertThat(budget.allowance(clock.instant()).orders()).isEqualTo(1);
            assertThat(takeAll(budget)).isEqualTo(1);
        }
        clock.advance(Duration.ofDays(30));
        assertThat(takeAll(budget)).isEqualTo(9);
    }

    @Test
    void take_afterARestart_remembers() {
        assertThat(takeAll(budget)).isEqualTo(9);
        for (int i = 0; i < 100; i++) {
            assertThat(takeAll(node(store))).isZero();
        }
        clock.advance(Duration.ofHours(3));
        assertThat(takeAll(node(store))).isEqualTo(3);
    }

    @Test
    void take_twoNodes_shareOneBudget() {
        OrderBudget other = node(store);
        int taken = 0;
        for (int i = 0; i < 50; i++) {
            taken += take(i % 2 == 0 ? budget : other, ACCOUNT).isEmpty() ? 1 : 0;
        }
        assertThat(taken).isEqualTo(9);
    }

    @Test
    void take_anotherAccount_hasItsOwn() {
        assertThat(takeAll(budget)).isEqualTo(9);
        assertThat(take(budget, ACCOUNT + "2")).isEmpty();
    }

    /** All who asked while the store was busy are served by one write. */
    @Test
    void take_manyAtOnce_writesOnce() {
        Queue<Runnable> work = new ArrayDeque<>();
        OrderBudget busy = node(store, OrderLimits.perAccount(LIMIT), work::add);
        List<Optional<OrderBudget.Wait>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            busy.take(ACCOUNT, SUBJECT).thenAccept(answers::add);
        }
        assertThat(work).hasSize(1);
        work.remove().run();
        assertThat(answers).hasSize(20).filteredOn(Optional::isEmpty).hasSize(9);
        String key = store.keys("budgets/").get(0);
        assertThat(store.find(key).orElseThrow().revision()).isEqualTo(new Revision("1"));
    }

    /** D1: a clock that ran ten years ahead closes the budget for as long as an empty one, not for ten years. */
    @Test
    void D1_clockPutBack_waitsForAnEmptyBudgetAtMost() {
        ManualClock ahead = new ManualClock(clock.instant().plus(Duration.ofDays(3650)));
        takeAll(node(new StateStore() {
            @Override
            public Optional<Entry> find(String key) {
                return store.find(key);
            }

            @Override
            public Optional<Revision> save(String key, String text, Revision expected) {
                return store.save(key, text, expected);
            }

            @Override
            public void delete(String key) {
                store.delete(key);
            }

            @Override
            public List<String> keys(String prefix) {
                return store.keys(prefix);
            }

            @Override
            public Instant now() {
                return ahead.instant();
            }
        }));
        assertThat(take(budget, ACCOUNT)).contains(clock.instant().plus(Duration.ofHours(1)));
        clock.advance(Duration.ofHours(1));
        assertThat(takeAll(budget)).isEqualTo(1);
    }

    @Test
    void take_textThatCannotBeRead_countsAsLost() {
        take(budget, ACCOUNT);
        String key = store.keys("budgets/").get(0);
        for (String text : List.of("", "{}", "{\"fullAt\":1}", "{\"fullAt\":\"soon\",\"places\":99999999999}")) {
            assertThat(store.save(key, text, store.find(key).orElseThrow().revision()))
                    .isPresent();
            assertThat(takeAll(budget)).isEqualTo(9);
            assertThat(SpentOrders.read(store, clock.instant()).forAll()).isPresent();
        }
    }

    @Test
    void spentForAll_onlyIfAllThatAreUsedAreSpent() {
        assertThat(SpentOrders.read(store, clock.instant()).forAll()).isEmpty();
        takeAll(budget);
        assertThat(SpentOrders.read(store, clock.instant()).forAll())
                .contains(new OrderBudget.Wait(
                        clock.instant().plus(Duration.ofHours(1)), "orders of this account are used up"));
        take(budget, "another account");
        assertThat(SpentOrders.read(store, clock.instant()).forAll()).isEmpty();
    }

    @Test
    void none_countsNothing() {
        OrderBudget unlimited = node(store, OrderLimits.NONE, Runnable::run);
        for (int i = 0; i < 1000; i++) {
            assertThat(take(unlimited, ACCOUNT)).isEmpty();
        }
        assertThat(store.keys("budgets/")).isEmpty();
        assertThat(unlimited.allowance(clock.instant())).isEqualTo(OrderAllowance.UNLIMITED);
        assertThat(unlimited.allowance(SUBJECT, clock.instant())).isEqualTo(OrderAllowance.UNLIMITED);
    }
}
