package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.Await;
import org.autotls.testkit.FakeIssuer;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** D12: a certificate that is renewed and not served raises the alarm. */
@Timeout(120)
class ServedCheckTest {

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(IssuingService.class);

    private static final Subject NAME = Subject.of("a.example");

    /** A store that the façade's feed cannot read while it is broken; the service can. */
    private static final class StarvedFeed implements CertificateStore {

        private final CertificateStore store;
        private volatile boolean broken;

        StarvedFeed(CertificateStore store) {
            this.store = store;
        }

        @Override
        public Optional<StoredBundle> find(Subject subject) {
            if (broken && Thread.currentThread().getName().startsWith("autotls-feed")) {
                throw StoreException.retryable("the feed is broken", new IllegalStateException("told to"));
            }
            return store.find(subject);
        }

        @Override
        public Map<Subject, Revision> list() {
            return store.list();
        }

        @Override
        public Optional<Revision> save(Subject subject, CertificateBundle bundle, Revision expected) {
            return store.save(subject, bundle, expected);
        }

        @Override
        public boolean request(Subject subject) {
            return store.request(subject);
        }

        @Override
        public boolean remove(Subject subject) {
            return store.remove(subject);
        }
    }

    private final TestCa ca = new TestCa();
    private final ManualClock clock = new ManualClock();
    private final MemoryStore memory = new MemoryStore(clock);
    private final StarvedFeed store = new StarvedFeed(memory);
    private final FakeIssuer issuer = new FakeIssuer(ca, clock, Duration.ofDays(90));
    private final List<Throwable> alarms = new CopyOnWriteArrayList<>();

    private AutoTlsBuilder builder() {
        return AutoTls.with(store, memory, memory)
                .issuer(() -> issuer)
                .scheduler(clock)
                .names(NAME.name());
    }

    @Test
    void D12_renewedButNotServed_raisesTheAlarmOnceUntilItIsServed() {
        try (AutoTls autoTls =
                builder().panic((failure, subject) -> alarms.add(failure)).start()) {
            awaitServed(autoTls);
            advance(Duration.ofMinutes(5));
            assertThat(alarms).as("all is served").isEmpty();
            String before = served(autoTls);

            store.broken = true;
            String renewed = renew(autoTls);
            advance(Duration.ofSeconds(29));
            assertThat(alarms).isEmpty();
            advanceUntil(() -> !alarms.isEmpty());
            advance(Duration.ofMinutes(10));
            assertThat(alarms)
                    .singleElement()
                    .isInstanceOf(StoreException.class)
                    .asString()
                    .contains(renewed, "not served");
            assertThat(served(autoTls)).isEqualTo(before);

            store.broken = false;
            advanceUntil(() -> served(autoTls).equals(renewed));
            store.broken = true;
            renew(autoTls);
            advanceUntil(() -> alarms.size() == 2);
        }
    }

    @Test
    void D12_withoutACallback_isLoggedAsPanic() {
        try (AutoTls autoTls = builder().start()) {
            awaitServed(autoTls);
            store.broken = true;
            renew(autoTls);
            advanceUntil(() -> log.events().stream().anyMatch(ServedCheckTest::isAlarm));
        }
    }

    private static boolean isAlarm(ILoggingEvent event) {
        return event.getLevel() == ch.qos.logback.classic.Level.ERROR
                && event.getFormattedMessage().startsWith("PANIC")
                && event.getFormattedMessage().contains("a.example")
                && event.getMarkerList().stream()
                        .anyMatch(marker -> marker.getName().equals("CRITICAL"));
    }

    @Test
    void removedOrReplacedMeanwhile_raisesNoAlarm() {
        ServedCheck check =
                new ServedCheck(clock, (subject, bundle) -> false, (failure, subject) -> alarms.add(failure));
        CertificateBundle first = issue();
        check.saved(NAME, first);
        check.removed(NAME);
        advance(Duration.ofMinutes(2));
        assertThat(alarms).isEmpty();

        check.saved(NAME, first);
        clock.advance(Duration.ofSeconds(20));
        CertificateBundle second = issue();
        check.changed(StoredBundle.holding(NAME, new Revision("2"), second));
        clock.advance(Duration.ofSeconds(20));
        assertThat(alarms).as("another has taken its place").isEmpty();
        clock.advance(Duration.ofSeconds(9));
        assertThat(alarms).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(alarms).singleElement().asString().contains(second.serial());

        check.saved(NAME, issue());
        check.close();
        advance(Duration.ofMinutes(2));
        assertThat(alarms).hasSize(1);
    }

    private CertificateBundle issue() {
        return ca.issue(clock.instant(), Duration.ofDays(90), NAME.name());
    }

    private String renew(AutoTls autoTls) {
        clock.advance(Duration.ofSeconds(1));
        return autoTls.service()
                .orElseThrow()
                .issueCert(NAME)
                .toCompletableFuture()
                .join()
                .serial();
    }

    private static String served(AutoTls autoTls) {
        return autoTls.index()
                .current()
                .find(NAME.name())
                .orElseThrow()
                .bundle()
                .serial();
    }

    /** In steps of a second, as the feed polls. */
    private void advance(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            clock.advance(Duration.ofSeconds(1));
        }
    }

    /** With a clock that stands still: one that a test moves runs ahead of the threads that issue and serve. */
    private static void awaitServed(AutoTls autoTls) {
        assertThat(autoTls.whenCertsValid()).succeedsWithin(Duration.ofSeconds(60));
        assertThat(served(autoTls)).isNotEmpty();
    }

    /** Other threads work meanwhile, so how much time they are given is not known. */
    private void advanceUntil(BooleanSupplier condition) {
        Await.until(() -> {
            boolean so = condition.getAsBoolean();
            if (!so) {
                clock.advance(Duration.ofSeconds(1));
            }
            return so;
        });
    }
}
