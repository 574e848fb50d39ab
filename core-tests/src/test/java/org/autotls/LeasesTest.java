package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeasesTest {

    private static final Duration TTL = Duration.ofSeconds(30);

    private final ManualClock clock = new ManualClock();
    private Duration skew = Duration.ZERO;
    private final MemoryStore state = new MemoryStore(() -> clock.instant().plus(skew));
    private final Leases ours = new Leases(state, "ours");
    private final Leases theirs = new Leases(state, "theirs");

    @Test
    void acquire_held_isRefusedUntilItEnds() {
        Lease lease = ours.acquire("issue/a.example", TTL).orElseThrow();
        assertThat(theirs.acquire("issue/a.example", TTL)).isEmpty();
        assertThat(ours.acquire("issue/a.example", TTL)).isEmpty();
        assertThat(theirs.heldFor("issue/a.example")).isEqualTo(TTL);
        assertThat(theirs.acquire("issue/b.example", TTL)).isPresent();
        clock.advance(TTL);
        Lease next = theirs.acquire("issue/a.example", TTL).orElseThrow();
        assertThat(next.fencing()).isGreaterThan(lease.fencing());
    }

    @Test
    void release_freesAtOnce_andTheNumberStillRises() {
        Lease lease = ours.acquire("issue/a.example", TTL).orElseThrow();
        lease.release();
        assertThat(theirs.heldFor("issue/a.example")).isEqualTo(Duration.ZERO);
        Lease next = theirs.acquire("issue/a.example", TTL).orElseThrow();
        assertThat(next.fencing()).isGreaterThan(lease.fencing());
        lease.release(); // not ours any more: nothing happens
        assertThat(next.renew(TTL)).isTrue();
    }

    @Test
    void fencing_risesAlsoWhenTheDocumentIsDeleted() {
        Lease lease = ours.acquire("issue/a.example", TTL).orElseThrow();
        state.delete("leases/issue/a.example");
        clock.advance(Duration.ofMillis(1));
        assertThat(theirs.acquire("issue/a.example", TTL).orElseThrow().fencing())
                .isGreaterThan(lease.fencing());
    }

    @Test
    void renew_keepsItAlive() {
        Lease lease = ours.acquire("issue/a.example", TTL).orElseThrow();
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofSeconds(20));
            assertThat(lease.renew(TTL)).isTrue();
            assertThat(theirs.acquire("issue/a.example", TTL)).isEmpty();
        }
    }

    @Test
    void H2_holderPausedPastItsLease_isToldThatItLost() {
        Lease lease = ours.acquire("issue/a.example", TTL).orElseThrow();
        clock.advance(Duration.ofMinutes(2));
        assertThat(theirs.acquire("issue/a.example", TTL)).isPresent();
        assertThat(lease.renew(TTL)).isFalse();
        lease.release();
        assertThat(theirs.heldFor("issue/a.example")).isEqualTo(TTL);
    }

    @Test
    void renew_endedButNotTaken_isStillOurs() {
        Lease lease = ours.acquire("issue/a.example", TTL).orElseThrow();
        clock.advance(Duration.ofMinutes(2));
        assertThat(lease.renew(TTL)).isTrue();
        assertThat(theirs.acquire("issue/a.example", TTL)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT20S", "PT2M", "PT5H", "P26000D"})
    void D1_holderDiesAndItsClockRanAhead_isOverWithinAMinute(Duration ahead) {
        skew = ahead;
        Lease lease = theirs.acquire("issue/a.example", TTL).orElseThrow();
        skew = Duration.ZERO;
        assertThat(ours.heldFor("issue/a.example")).isLessThanOrEqualTo(Duration.ofMinutes(1));
        clock.advance(Duration.ofMinutes(1));
        assertThat(ours.acquire("issue/a.example", TTL).orElseThrow().fencing()).isGreaterThan(lease.fencing());
    }

    @Test
    void D1_holderLivesAndItsClockIsPutBack_renewsByTheRightOne() {
        skew = Duration.ofHours(5);
        Lease lease = theirs.acquire("issue/a.example", TTL).orElseThrow();
        skew = Duration.ZERO;
        assertThat(lease.renew(TTL)).isTrue();
        assertThat(ours.acquire("issue/a.example", TTL)).isEmpty();
        assertThat(ours.heldFor("issue/a.example")).isEqualTo(TTL);
    }

    @Test
    void acquire_documentThatDoesNotSayHowLong_isBelievedForAnHour() {
        String owner = "{\"owner\":\"x\",\"fencing\":7,\"until\":\"";
        state.save("leases/a", owner + clock.instant().plus(TTL) + "\"}", Revision.NONE);
        state.save("leases/b", owner + clock.instant().plus(Duration.ofHours(2)) + "\"}", Revision.NONE);
        assertThat(ours.heldFor("a")).isEqualTo(TTL);
        assertThat(ours.acquire("a", TTL)).isEmpty();
        assertThat(ours.acquire("b", TTL)).isPresent();
    }

    @Test
    void acquire_brokenDocument_isNoLease() {
        assertThat(state.save("leases/issue/a.example", "{\"owner\":\"x\",\"until\":\"soon\"", Revision.NONE))
                .isPresent();
        assertThat(ours.acquire("issue/a.example", TTL)).isPresent();
    }

    @Test
    void acquire_manyThreads_exactlyOneWinsEachRound() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 50; round++) {
                List<Callable<Boolean>> tries = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    Leases one = new Leases(state, "owner" + i);
                    tries.add(() -> one.acquire("issue/a.example", TTL).isPresent());
                }
                int won = 0;
                for (Future<Boolean> result : pool.invokeAll(tries)) {
                    won += result.get() ? 1 : 0;
                }
                assertThat(won).isEqualTo(1);
                clock.advance(TTL);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void owner_empty_isRefused() {
        assertThatThrownBy(() -> new Leases(state, "")).isInstanceOf(IllegalArgumentException.class);
    }
}
