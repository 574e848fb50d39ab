package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Quiet.class)
class StoreWatchTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ServiceRig rig = new ServiceRig();
    private final FlakyStore store = new FlakyStore(rig.store);

    @Test
    void poll_tellsEachDifferenceOnce() {
        rig.requested("a.example");
        rig.stored("b.example", Duration.ofDays(60));
        StoreWatch watch = new StoreWatch(store, rig);
        watch.poll();
        watch.poll();
        assertThat(rig.changes)
                .extracting(entry -> entry.subject().name())
                .containsExactlyInAnyOrder("a.example", "b.example");
        CertificateBundle renewed = rig.stored("b.example", Duration.ofDays(90));
        rig.store.remove(Subject.of("a.example"));
        watch.poll();
        assertThat(rig.changes).hasSize(3);
        assertThat(rig.changes.get(2).bundle()).contains(renewed);
        assertThat(rig.removed).containsExactly(Subject.of("a.example"));
    }

    @Test
    void poll_oneUnreadableEntry_hidesNoOtherAndIsTriedAgain() {
        rig.requested("a.example");
        rig.requested("bad.example");
        store.unreadable = Subject.of("bad.example");
        StoreWatch watch = new StoreWatch(store, rig);
        watch.poll();
        watch.poll();
        assertThat(rig.changes).extracting(StoredBundle::subject).containsExactly(Subject.of("a.example"));
        store.unreadable = Subject.of("none.example");
        watch.poll();
        assertThat(rig.changes).hasSize(2);
    }

    @Test
    void poll_entryThatWasNeverRead_isToldEachTimeUntilItIsGone() {
        store.store.request(Subject.of("bad.example"));
        store.unreadable = Subject.of("bad.example");
        List<String> told = new ArrayList<>();
        StoreWatch picky = new StoreWatch(store, new StoreListener() {
            @Override
            public void unreadable(Subject subject, RuntimeException failure) {
                told.add("unreadable " + subject);
                throw failure; // hurts nobody
            }

            @Override
            public void removed(Subject subject) {
                told.add("removed " + subject);
            }
        });
        picky.poll();
        picky.poll();
        store.store.remove(Subject.of("bad.example"));
        store.unreadable = Subject.of("none.example");
        picky.poll();
        picky.poll();
        assertThat(told).containsExactly("unreadable bad.example", "unreadable bad.example", "removed bad.example");
    }

    @Test
    void poll_manyEntries_allAreToldOnThePollingThread_andOneUnreadableHidesNone() {
        for (int i = 0; i < 3_000; i++) {
            rig.requested("n" + i + ".example");
        }
        store.unreadable = Subject.of("n77.example");
        Set<Thread> readers = ConcurrentHashMap.newKeySet();
        store.beforeFind = subject -> readers.add(Thread.currentThread());
        Set<Thread> tellers = new HashSet<>();
        StoreWatch watch = new StoreWatch(store, new StoreListener() {
            @Override
            public void changed(StoredBundle entry) {
                tellers.add(Thread.currentThread());
                rig.changed(entry);
            }
        });
        watch.poll();
        assertThat(rig.changes).hasSize(2_999).doesNotHaveDuplicates();
        assertThat(tellers).containsExactly(Thread.currentThread());
        assertThat(readers).hasSizeBetween(1, ForkJoinPool.getCommonPoolParallelism() + 1);
        store.unreadable = Subject.of("none.example");
        readers.clear();
        watch.poll();
        assertThat(rig.changes).hasSize(3_000);
        assertThat(readers).as("of one change").containsExactly(Thread.currentThread());
    }

    @Test
    void poll_listenerCannotTakeOne_hidesNoOtherAndIsTriedAgain() {
        for (int i = 0; i < 10; i++) {
            rig.requested("bad" + i + ".example");
            rig.requested("good" + i + ".example");
        }
        AtomicBoolean mended = new AtomicBoolean();
        StoreWatch watch = new StoreWatch(store, new StoreListener() {
            @Override
            public void changed(StoredBundle entry) {
                if (entry.subject().name().startsWith("bad") && !mended.get()) {
                    throw StoreException.fatal("its record cannot be read", new IllegalStateException());
                }
                rig.changed(entry);
            }
        });
        watch.poll();
        watch.poll();
        assertThat(rig.changes)
                .hasSize(10)
                .allMatch(entry -> entry.subject().name().startsWith("good"));
        mended.set(true);
        watch.poll();
        assertThat(rig.changes).hasSize(20);
    }

    @Test
    void poll_listenerTakesNothing_fails() {
        rig.requested("a.example");
        rig.requested("b.example");
        AtomicBoolean mended = new AtomicBoolean();
        StoreWatch watch = new StoreWatch(store, new StoreListener() {
            @Override
            public void changed(StoredBundle entry) {
                if (!mended.get()) {
                    throw StoreException.retryable("down", new IllegalStateException());
                }
                rig.changed(entry);
            }
        });
        assertThatThrownBy(watch::poll).isInstanceOf(StoreException.class);
        mended.set(true);
        watch.poll();
        assertThat(rig.changes).hasSize(2);
    }

    @Test
    void poll_savedBetweenListingAndComparing_isNotReportedAsRemoved() {
        StoreWatch watch = new StoreWatch(store, rig);
        store.afterList = () -> {
            rig.stored("a.example", Duration.ofDays(90));
            watch.seen(
                    Subject.of("a.example"),
                    rig.store.find(Subject.of("a.example")).orElseThrow().revision());
            store.afterList = () -> {};
        };
        watch.poll();
        assertThat(rig.removed).isEmpty();
    }

    @Test
    void start_pollsTakeLong_theyAreRarer() {
        rig.requested("a.example");
        List<Duration> pauses = new ArrayList<>();
        AtomicReference<Duration> skew = new AtomicReference<>(Duration.ZERO);
        Scheduler slow = new Scheduler() {
            @Override
            public Instant instant() {
                return rig.clock.instant().plus(skew.get());
            }

            @Override
            public Cancellable schedule(Duration delay, Runnable task) {
                pauses.add(delay);
                return rig.clock.schedule(delay, task);
            }
        };
        StoreWatch watch = new StoreWatch(store, rig);
        watch.start(slow, Runnable::run, SECOND);
        rig.clock.advance(SECOND);
        store.afterList = () -> skew.updateAndGet(Duration.ofSeconds(2)::plus);
        rig.clock.advance(SECOND);
        store.afterList = () -> skew.updateAndGet(Duration.ofDays(1)::plus);
        rig.clock.advance(Duration.ofSeconds(20));
        store.afterList = () -> skew.updateAndGet(Duration.ofDays(-1)::plus);
        rig.clock.advance(Duration.ofMinutes(1));
        assertThat(pauses).containsExactly(SECOND, SECOND, Duration.ofSeconds(20), Duration.ofMinutes(1), SECOND);
        watch.close();
    }

    @Test
    void start_noticesAnotherProcessWithinASecond_andPollsLessWhileTheStoreIsDown() {
        StoreWatch watch = new StoreWatch(store, rig);
        watch.start(rig.clock, Runnable::run, SECOND);
        rig.stored("a.example", Duration.ofDays(90));
        rig.clock.advance(SECOND);
        assertThat(rig.changes).hasSize(1);
        store.down = true;
        int before = store.lists;
        rig.clock.advance(Duration.ofHours(1));
        assertThat(store.lists - before).isBetween(55, 75);
        store.down = false;
        rig.stored("a.example", Duration.ofDays(91));
        rig.clock.advance(Duration.ofMinutes(1));
        assertThat(rig.changes).hasSize(2);
        watch.close();
        rig.stored("a.example", Duration.ofDays(92));
        rig.clock.advance(Duration.ofHours(1));
        assertThat(rig.changes).hasSize(2);
        assertThat(rig.clock.pending()).isZero();
        assertThatThrownBy(() -> watch.start(rig.clock, Runnable::run, SECOND))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Its time goes on while the store is listed. */
    private final class SlowScheduler implements Scheduler {

        private Duration skew = Duration.ZERO;

        @Override
        public Instant instant() {
            return rig.clock.instant().plus(skew);
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            return rig.clock.schedule(delay, task);
        }

        void pass(Duration time) {
            skew = skew.plus(time);
        }
    }

    @Test
    void soon_pollsTakeLong_aTenthOfTheTimeAtMost_andNothingIsMissed() {
        SlowScheduler scheduler = new SlowScheduler();
        StoreWatch watch = new StoreWatch(store, rig);
        watch.start(scheduler, Runnable::run, SECOND);
        store.afterList = () -> scheduler.pass(Duration.ofMillis(300));
        for (int i = 0; i < 1000; i++) {
            rig.requested("n" + i + ".example");
            watch.soon();
            rig.clock.advance(Duration.ofMillis(100));
        }
        assertThat(store.lists).as("in 100 s, each 0.3 s and a rest of 3 s").isBetween(25, 34);
        rig.clock.advance(Duration.ofSeconds(3));
        assertThat(rig.changes).hasSize(1000);
        watch.close();
    }

    @Test
    void soon_pollsAreQuick_isAtOnce() {
        StoreWatch watch = new StoreWatch(store, rig);
        watch.soon();
        assertThat(store.lists).as("not started").isZero();
        watch.start(rig.clock, Runnable::run, SECOND);
        for (int i = 1; i <= 3; i++) {
            rig.requested("n" + i + ".example");
            watch.soon();
            assertThat(rig.changes).hasSize(i);
        }
        int before = store.lists;
        rig.clock.advance(Duration.ofSeconds(10));
        assertThat(store.lists - before).as("one timer, still").isEqualTo(10);
        watch.close();
        watch.soon();
        assertThat(store.lists - before).isEqualTo(10);
        assertThat(rig.clock.pending()).isZero();
    }

    @Test
    void soon_whileAPollIsUnderWay_anotherFollows() {
        StoreWatch watch = new StoreWatch(store, rig);
        watch.start(rig.clock, Runnable::run, Duration.ofMinutes(1));
        store.afterList = () -> {
            store.afterList = () -> {};
            rig.requested("late.example");
            watch.soon();
        };
        watch.soon();
        assertThat(rig.changes).isEmpty();
        rig.clock.advance(Duration.ofMillis(1));
        assertThat(rig.changes).hasSize(1);
        watch.close();
    }

    @Test
    void soon_theTimerHasRungAlready_onePollAndOneTimer() {
        List<Runnable> queue = new ArrayList<>();
        StoreWatch watch = new StoreWatch(store, rig);
        watch.start(rig.clock, queue::add, SECOND);
        rig.clock.advance(SECOND);
        watch.soon();
        assertThat(queue).hasSize(2);
        queue.forEach(Runnable::run);
        assertThat(store.lists).isEqualTo(1);
        assertThat(rig.clock.pending()).isEqualTo(1);
        watch.close();
    }

    @Test
    void soon_whileTheStoreIsDown_asksNoOftener() {
        StoreWatch watch = new StoreWatch(store, rig);
        watch.start(rig.clock, Runnable::run, SECOND);
        store.down = true;
        for (int i = 0; i < 600; i++) {
            watch.soon();
            rig.clock.advance(SECOND);
        }
        assertThat(store.lists).isBetween(10, 20);
        store.down = false;
        rig.requested("a.example");
        rig.clock.advance(Duration.ofMinutes(1));
        assertThat(rig.changes).hasSize(1);
        watch.close();
    }

    @Test
    void look_takesOneEntryOver_asItIsNow_andListsNothing() {
        StoreWatch watch = new StoreWatch(store, rig);
        Subject subject = Subject.of("a.example");
        rig.stored("a.example", Duration.ofDays(60));
        Revision first = rig.store.find(subject).orElseThrow().revision();
        watch.look(subject, first);
        watch.look(subject, first);
        assertThat(rig.changes).hasSize(1);
        CertificateBundle newest = rig.stored("a.example", Duration.ofDays(90));
        rig.changes.clear();
        watch.look(subject, Revision.NONE); // an event that is late
        assertThat(rig.changes)
                .extracting(entry -> entry.bundle().orElseThrow())
                .containsExactly(newest);
        rig.store.remove(subject);
        watch.look(subject, first);
        assertThat(rig.removed).containsExactly(subject);
        assertThat(store.lists).isZero();
    }

    @Test
    void look_onlyTheNameIsKnown_readsItAndTellsWhatIsNew() {
        StoreWatch watch = new StoreWatch(store, rig);
        Subject subject = Subject.of("a.example");
        rig.stored("a.example", Duration.ofDays(60));
        watch.look(subject);
        watch.look(subject);
        assertThat(rig.changes).hasSize(1);
        rig.stored("a.example", Duration.ofDays(90));
        watch.look(subject);
        assertThat(rig.changes).hasSize(2);
        rig.store.remove(subject);
        watch.look(subject);
        watch.look(subject);
        assertThat(rig.removed).containsExactly(subject);
        assertThat(store.lists).isZero();
    }

    @Test
    void look_alternateWithoutItsPrimary_isLeftToThePoll() {
        StoreWatch watch = new StoreWatch(store, rig);
        Subject alternate = Subject.of("a.example").alternate(KeyAlgorithm.RSA);
        rig.store.request(alternate);
        Revision revision = rig.store.find(alternate).orElseThrow().revision();
        watch.look(alternate, revision);
        assertThat(rig.changes).isEmpty();
        rig.requested("a.example");
        watch.poll();
        assertThat(rig.changes).hasSize(2);
    }
}
