package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.Test;

class LeaseOwnerTest {

    private final String self = LeaseOwner.ofThisProcess(new Random(1));

    @Test
    void isGone_notWhileItRuns() {
        assertThat(LeaseOwner.isGone(self)).isFalse();
    }

    @Test
    void isGone_onceItsProcessEnded() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        long pid = ended.pid();
        assertThat(ended.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(LeaseOwner.isGone(with(1, Long.toString(pid)))).isTrue();
    }

    @Test
    void isGone_onceItsNumberBelongsToAnother() {
        assertThat(LeaseOwner.isGone(with(2, "t1"))).isTrue();
    }

    /** Not the time of day, which the JDK works out from when the kernel says it was booted: that moves when the clock is set. */
    @Test
    void ofThisProcess_saysWhenItBeganInTicksSinceBoot() throws Exception {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        assertThat(self.split("/")[2]).isEqualTo("t" + afterName[19]);
    }

    @Test
    void start_programsNameHoldsAnything_isReadBehindIt() {
        String rest = " R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
        assertThat(LeaseOwner.start("42 (java)" + rest)).contains("t4711");
        assertThat(LeaseOwner.start("42 (a) S 1 (b))" + rest)).contains("t4711");
        assertThat(LeaseOwner.start("42 (java) R 1 2")).isEmpty();
        assertThat(LeaseOwner.start("")).isEmpty();
    }

    @Test
    void isGone_neverIfItsStartIsInAnotherForm() {
        assertThat(LeaseOwner.isGone(with(2, "1796049855000"))).isFalse();
        assertThat(LeaseOwner.isGone(with(2, "unknown"))).isFalse();
        assertThat(LeaseOwner.isGone(with(1, "many"))).isFalse();
    }

    @Test
    void isGone_neverOnAnotherMachine() {
        assertThat(LeaseOwner.isGone(with(0, "elsewhere"))).isFalse();
        assertThat(LeaseOwner.isGone("node-1")).isFalse();
        assertThat(LeaseOwner.isGone("")).isFalse();
    }

    @Test
    void E3_leaseOfADeadProcess_isTakenAtOnce() {
        MemoryStore state = new MemoryStore(new ManualClock());
        Duration ttl = Duration.ofSeconds(30);
        Optional<Lease> first = new Leases(state, "dead", owner -> false).acquire("x", ttl);
        Leases others = new Leases(state, "alive", owner -> false);
        Leases next = new Leases(state, "alive", owner -> owner.equals("dead"));
        assertThat(others.acquire("x", ttl)).isEmpty();
        assertThat(next.heldFor("x")).isZero();
        Optional<Lease> second = next.acquire("x", ttl);
        assertThat(second.orElseThrow().fencing())
                .isGreaterThan(first.orElseThrow().fencing());
        assertThat(first.orElseThrow().renew(ttl)).isFalse();
    }

    private String with(int part, String value) {
        String[] parts = self.split("/");
        parts[part] = value;
        return String.join("/", parts);
    }
}
