package org.autotls;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeIssuer;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;

/** A service on virtual time, with everything on the test's thread. */
final class ServiceRig implements ServiceListener {

    /** One for all: making a root per test would be most of the time the tests take. */
    static final TestCa CA = new TestCa();

    private static final KeyPair KEYS = KeyType.EC_P256.generate(new SecureRandom());

    final ManualClock clock = new ManualClock();
    final MemoryStore store = new MemoryStore(clock);
    final FakeIssuer issuer = new FakeIssuer(CA, clock, Duration.ofDays(90));
    final List<Subject> panics = new ArrayList<>();
    final List<Throwable> panicCauses = new ArrayList<>();
    final List<Subject> saved = new ArrayList<>();
    final List<Subject> removed = new ArrayList<>();
    final List<StoredBundle> changes = new ArrayList<>();
    final List<Instant> failures = new ArrayList<>();
    final List<RenewalInformation> suggestions = new ArrayList<>();
    int checks;

    IssuingService service() {
        return service(builder -> builder);
    }

    IssuingService service(UnaryOperator<IssuingServiceBuilder> settings) {
        return settings.apply(builder(store, store)).build();
    }

    IssuingServiceBuilder builder(CertificateStore certificates, StateStore state) {
        return IssuingService.builder(certificates, state, () -> issuer)
                .scheduler(clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofHours(1))
                .keys(() -> KEYS)
                .random(new SplittableRandom(7))
                .panic((failure, subject) -> {
                    panics.add(subject);
                    panicCauses.add(failure);
                })
                .listener(this);
    }

    IssuingService started() {
        IssuingService service = service();
        service.start();
        return service;
    }

    /** Stores a 90-day certificate that ends in {@code left}. */
    CertificateBundle stored(String name, Duration left) {
        return stored(name, Duration.ofDays(90), left);
    }

    CertificateBundle stored(String name, Duration lifetime, Duration left) {
        Subject subject = Subject.parse(name);
        CertificateBundle bundle = CA.issue(clock.instant().plus(left).minus(lifetime), lifetime, name.split(",", -1));
        Revision expected = store.find(subject).map(StoredBundle::revision).orElse(Revision.NONE);
        assertThat(store.save(subject, bundle, expected)).isPresent();
        return bundle;
    }

    void requested(String name) {
        store.request(Subject.parse(name));
    }

    Duration left(String name) {
        return Duration.between(clock.instant(), bundle(name).notAfter());
    }

    CertificateBundle bundle(String name) {
        return store.find(Subject.parse(name)).orElseThrow().bundle().orElseThrow();
    }

    /** Moves time in steps, as the original's tests do, and asks after each. */
    void march(Duration step, Duration total, Runnable after) {
        for (Duration done = Duration.ZERO; done.compareTo(total) < 0; done = done.plus(step)) {
            clock.advance(step);
            after.run();
        }
    }

    static boolean isDone(CompletionStage<?> stage) {
        return stage.toCompletableFuture().isDone();
    }

    static Throwable failureOf(CompletionStage<?> stage) {
        try {
            Object result = stage.toCompletableFuture().join();
            throw new AssertionError("it did not fail, but gave " + result);
        } catch (CompletionException e) {
            return requireNonNull(e.getCause());
        }
    }

    @Override
    public void changed(StoredBundle entry) {
        changes.add(entry);
    }

    @Override
    public void removed(Subject subject) {
        removed.add(subject);
    }

    @Override
    public void saved(Subject subject, CertificateBundle bundle) {
        saved.add(subject);
    }

    @Override
    public void failed(Subject subject, RuntimeException failure, Instant nextAttempt) {
        failures.add(nextAttempt);
    }

    @Override
    public void renewalSuggested(Subject subject, RenewalInformation information) {
        suggestions.add(information);
    }

    @Override
    public void checked(int subjects, int due) {
        checks++;
    }
}
