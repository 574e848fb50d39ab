package org.autotls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.Test;

class OwnPoolsTest {

    private final OwnPools pools = new OwnPools();

    @Test
    void end_idle_isDone_howeverOften() {
        pools.single("one").execute(() -> {});
        pools.unbounded("many").execute(() -> {});

        assertThat(pools.end(Await.HANG_LIMIT, Duration.ZERO)).isTrue();
        assertThat(pools.end(Duration.ZERO, Duration.ZERO)).isTrue();
    }

    @Test
    void end_withWhatCannotBeInterrupted_isNotDoneBeforeAllHaveEnded() {
        List<ExecutorService> both = List.of(pools.single("one"), pools.unbounded("many"));
        List<CountDownLatch> releases = List.of(new CountDownLatch(1), new CountDownLatch(1));
        for (int i = 0; i < both.size(); i++) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch release = releases.get(i);
            both.get(i).execute(() -> {
                assertThat(Thread.currentThread().isDaemon()).isTrue();
                begun.countDown();
                awaitWhateverHappens(release);
            });
            awaitWhateverHappens(begun);
        }

        assertThat(pools.end(Duration.ZERO, Duration.ZERO)).isFalse();
        assertThat(both)
                .allSatisfy(pool -> assertThatThrownBy(() -> pool.execute(() -> {}))
                        .isInstanceOf(RejectedExecutionException.class));
        releases.get(0).countDown();
        assertThat(pools.end(Duration.ZERO, Duration.ofMillis(1))).isFalse();
        releases.get(1).countDown();
        assertThat(pools.end(Await.HANG_LIMIT, Await.HANG_LIMIT)).isTrue();
    }

    @Test
    void end_whatIsUnderWay_isInterruptedAfterTheFirstLimit() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        pools.unbounded("many").execute(() -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        awaitWhateverHappens(begun);

        assertThat(pools.end(Duration.ZERO, Await.HANG_LIMIT)).isTrue();
        assertThat(interrupted.getCount()).isZero();
    }

    private static void awaitWhateverHappens(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // goes on
            }
        }
    }
}
