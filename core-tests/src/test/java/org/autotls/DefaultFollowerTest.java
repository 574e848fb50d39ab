package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.testkit.ManualClock;
import org.autotls.tls.IndexEntry;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DefaultFollowerTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();
    private final LiveIndex index = new LiveIndex(clock);
    private Supplier<Optional<CertificateBundle>> file = Optional::empty;
    private final DefaultFollower follower = new DefaultFollower(() -> file.get(), index, clock, Runnable::run, SECOND);

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(AutoTls.class);

    @AfterEach
    void close() {
        follower.close();
    }

    private Optional<CertificateBundle> served() {
        return index.current().fallback().map(IndexEntry::bundle);
    }

    private CertificateBundle bundle() {
        return ServiceRig.CA.issue(clock.instant(), Duration.ofDays(90), "a.example");
    }

    @Test
    void look_fileComesChangesAndGoes_isFollowed() {
        follower.look();
        assertThat(served()).isEmpty();
        for (CertificateBundle bundle : new CertificateBundle[] {bundle(), bundle()}) {
            file = () -> Optional.of(bundle);
            clock.advance(SECOND);
            assertThat(served()).contains(bundle);
        }
        file = Optional::empty;
        clock.advance(SECOND);
        assertThat(served()).isEmpty();
        assertThat(log.events()).isEmpty();
    }

    @Test
    void look_endsWithWhatNobodyExpects_isToldOnceAndTheNextLookComes() {
        CertificateBundle first = bundle();
        file = () -> Optional.of(first);
        follower.look();
        file = () -> {
            throw new IllegalStateException("a bug");
        };
        clock.advance(Duration.ofMinutes(1));
        file = () -> {
            throw new StackOverflowError();
        };
        clock.advance(Duration.ofMinutes(1));
        assertThat(served()).contains(first);
        assertThat(log.events()).extracting(ILoggingEvent::getLevel).containsExactly(Level.ERROR, Level.ERROR);
        CertificateBundle next = bundle();
        file = () -> Optional.of(next);
        clock.advance(SECOND);
        assertThat(served()).contains(next);
    }

    @Test
    void look_atTheStartEndsWithWhatNobodyExpects_theNextLookComes() {
        file = () -> {
            throw new IllegalStateException("a bug");
        };
        follower.look();
        CertificateBundle next = bundle();
        file = () -> Optional.of(next);
        clock.advance(SECOND);
        assertThat(served()).contains(next);
    }

    @Test
    void look_fileIsBad_isToldOnce_andAgainWhenItIsBadAgain() {
        CertificateBundle good = bundle();
        for (int i = 0; i < 2; i++) {
            file = () -> {
                throw StoreException.fatal("no key in it", new IllegalStateException());
            };
            clock.advance(SECOND);
            if (i == 0) {
                follower.look();
            }
            clock.advance(Duration.ofMinutes(1));
            file = () -> Optional.of(good);
            clock.advance(SECOND);
            assertThat(served()).contains(good);
        }
        assertThat(log.events()).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN, Level.WARN);
    }

    @Test
    void close_looksNoMore() {
        follower.look();
        follower.close();
        assertThat(clock.pending()).isZero();
        file = () -> Optional.of(bundle());
        clock.advance(Duration.ofMinutes(1));
        assertThat(served()).isEmpty();
    }
}
