package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.autotls.CertificateBundle;
import org.autotls.CertificateStore;
import org.autotls.KeyAlgorithm;
import org.autotls.KeyType;
import org.autotls.Revision;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.junit.jupiter.api.Test;

/**
 * What every {@link CertificateStore} must do. A store is correct when a test class that extends this one passes.
 *
 * <p>Each test starts with an empty place; {@link #open} may be called several times in one test and then stands for the
 * nodes of a cluster.
 */
public abstract class CertificateStoreContract {

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(90);

    private final TestCa ca = new TestCa();

    /** For subclasses. */
    protected CertificateStoreContract() {}

    /**
     * Opens this test's place once more.
     *
     * @return a store over the place that is this test's own
     */
    protected abstract CertificateStore open();

    private CertificateBundle bundle(String... names) {
        return ca.issue(FROM, LIFETIME, names);
    }

    private static Optional<CertificateBundle> bundleIn(CertificateStore store, Subject subject) {
        return store.find(subject).flatMap(StoredBundle::bundle);
    }

    private static void assertSame(CertificateBundle found, CertificateBundle expected) {
        assertThat(found.chain()).isEqualTo(expected.chain());
        assertThat(found.privateKey().getEncoded())
                .isEqualTo(expected.privateKey().getEncoded());
    }

    @Test
    void find_ofNothing_isEmpty() {
        CertificateStore store = open();
        assertThat(store.find(Subject.of("a.example"))).isEmpty();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void save_ofFirst_isFoundWholeByEveryNode() {
        Subject subject = Subject.of("a.example");
        CertificateBundle bundle = bundle("a.example");
        Optional<Revision> saved = open().save(subject, bundle, Revision.NONE);
        assertThat(saved).isPresent();
        StoredBundle found = open().find(subject).orElseThrow();
        assertThat(found.subject()).isEqualTo(subject);
        assertThat(found.revision()).isEqualTo(saved.orElseThrow());
        assertSame(found.bundle().orElseThrow(), bundle);
        assertThat(open().list()).containsOnly(java.util.Map.entry(subject, saved.orElseThrow()));
    }

    @Test
    void save_withOldRevision_writesNothing() {
        CertificateStore store = open();
        Subject subject = Subject.of("a.example");
        Revision first = store.save(subject, bundle("a.example"), Revision.NONE).orElseThrow();
        CertificateBundle second = bundle("a.example");
        Revision now = store.save(subject, second, first).orElseThrow();
        assertThat(now).isNotEqualTo(first);
        assertThat(store.save(subject, bundle("a.example"), first)).isEmpty();
        assertThat(store.save(subject, bundle("a.example"), Revision.NONE)).isEmpty();
        assertSame(bundleIn(store, subject).orElseThrow(), second);
    }

    @Test
    void save_withRevisionOfNothing_writesNothing() {
        CertificateStore store = open();
        assertThat(store.save(Subject.of("a.example"), bundle("a.example"), new Revision("0")))
                .isEmpty();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void save_ofEveryKeyType_isReadBack() {
        CertificateStore store = open();
        for (KeyType type : List.of(KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048)) {
            String name = type + ".example";
            CertificateBundle bundle = ca.issue(type, FROM, LIFETIME, name);
            store.save(Subject.of(name), bundle, Revision.NONE);
            assertSame(bundleIn(store, Subject.of(name)).orElseThrow(), bundle);
        }
    }

    @Test
    void save_ofExpired_isKept() {
        CertificateStore store = open();
        Subject subject = Subject.of("old.example");
        CertificateBundle expired = ca.issue(Instant.parse("2001-01-01T00:00:00Z"), LIFETIME, "old.example");
        store.save(subject, expired, Revision.NONE);
        assertSame(bundleIn(store, subject).orElseThrow(), expired);
    }

    @Test
    void subjects_ofEveryForm_areKeptApart() {
        CertificateStore store = open();
        List<Subject> subjects = List.of(
                Subject.of("a.example"),
                Subject.of("b.example"),
                Subject.of("*.a.example"),
                Subject.of("b.example", "a.example"),
                Subject.of("192.0.2.1"),
                Subject.of("2001:db8::1"),
                Subject.of("localhost"),
                Subject.of("xn--bcher-kva.example"));
        List<CertificateBundle> bundles = new ArrayList<>();
        for (Subject subject : subjects) {
            CertificateBundle bundle = bundle(subject.name().split(",", -1));
            assertThat(store.save(subject, bundle, Revision.NONE)).isPresent();
            bundles.add(bundle);
        }
        assertThat(open().list().keySet()).containsExactlyInAnyOrderElementsOf(subjects);
        for (int i = 0; i < bundles.size(); i++) {
            assertSame(bundleIn(store, subjects.get(i)).orElseThrow(), bundles.get(i));
        }
    }

    @Test
    void I17_alternate_isAnEntryOfItsOwn() {
        CertificateStore store = open();
        Subject primary = Subject.of("b.example", "a.example");
        Subject rsa = primary.alternate(KeyAlgorithm.RSA);
        Subject ecdsa = primary.alternate(KeyAlgorithm.ECDSA);
        CertificateBundle first = bundle("a.example", "b.example");
        CertificateBundle second = ca.issue(KeyType.RSA_2048, FROM, LIFETIME, "a.example", "b.example");
        store.save(primary, first, Revision.NONE);
        assertThat(store.find(rsa)).isEmpty();
        assertThat(store.request(rsa)).isTrue();
        assertThat(store.save(rsa, second, Revision.NONE)).isEmpty();
        assertThat(store.save(rsa, second, store.find(rsa).orElseThrow().revision()))
                .isPresent();
        assertThat(open().list().keySet()).containsExactlyInAnyOrder(primary, rsa);
        assertSame(bundleIn(store, primary).orElseThrow(), first);
        assertSame(bundleIn(store, rsa).orElseThrow(), second);
        assertThat(store.remove(ecdsa)).isFalse();
        assertThat(store.remove(primary)).isTrue();
        assertSame(bundleIn(store, rsa).orElseThrow(), second);
        assertThat(store.remove(rsa)).isTrue();
        assertThat(open().list()).isEmpty();
    }

    /** Before an order is placed, the store says that there is a place for what comes of it. */
    @Test
    void requirePossible_ofAnySubject_isTrueOfRequestAndSave() {
        CertificateStore store = open();
        String label = "a".repeat(60);
        List<String> names = IntStream.range(0, 12)
                .mapToObj(number -> "host-" + (100 + number) + ".some.example")
                .toList();
        for (String name :
                List.of("a.example", label + "." + label + "." + label + "." + label, String.join(",", names))) {
            Subject subject = Subject.parse(name);
            boolean possible = isPossible(store, subject);
            assertThat(possible || !name.equals("a.example")).isTrue();
            if (possible) {
                store.save(subject, bundle(name.split(",", -1)), Revision.NONE);
            } else {
                assertThatThrownBy(() -> store.request(subject)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(store.find(subject).isPresent()).isEqualTo(possible);
        }
    }

    private static boolean isPossible(CertificateStore store, Subject subject) {
        try {
            store.requirePossible(subject);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void request_makesAnEntryOnce() {
        CertificateStore store = open();
        Subject subject = Subject.of("a.example");
        assertThat(store.request(subject)).isTrue();
        assertThat(open().request(subject)).isFalse();
        StoredBundle requested = store.find(subject).orElseThrow();
        assertThat(requested.bundle()).isEmpty();
        assertThat(requested.revision()).isNotEqualTo(Revision.NONE);
        assertThat(store.list()).containsEntry(subject, requested.revision());
    }

    @Test
    void request_isFilledByASaveThatNamesItsRevision() {
        CertificateStore store = open();
        Subject subject = Subject.of("a.example");
        store.request(subject);
        assertThat(store.save(subject, bundle("a.example"), Revision.NONE)).isEmpty();
        Revision requested = store.find(subject).orElseThrow().revision();
        assertThat(store.save(subject, bundle("a.example"), requested)).isPresent();
        assertThat(store.request(subject)).isFalse();
        assertThat(bundleIn(store, subject)).isPresent();
    }

    @Test
    void remove_leavesNothing() {
        CertificateStore store = open();
        Subject subject = Subject.of("a.example");
        store.save(subject, bundle("a.example"), Revision.NONE);
        assertThat(store.remove(subject)).isTrue();
        assertThat(store.remove(subject)).isFalse();
        assertThat(open().find(subject)).isEmpty();
        assertThat(open().list()).isEmpty();
        assertThat(store.save(subject, bundle("a.example"), Revision.NONE)).isPresent();
    }

    @Test
    void list_isACopyThatCannotBeChanged() {
        CertificateStore store = open();
        java.util.Map<Subject, Revision> before = store.list();
        store.request(Subject.of("a.example"));
        assertThat(before).isEmpty();
        assertThat(store.list()).isUnmodifiable();
    }

    @Test
    void save_fromManyNodesAtOnce_letsExactlyOneWin() throws Exception {
        Subject subject = Subject.of("a.example");
        Revision expected = Revision.NONE;
        for (int round = 0; round < 5; round++) {
            Revision base = expected;
            List<Optional<Revision>> results = together(4, () -> open().save(subject, bundle("a.example"), base));
            assertThat(results).filteredOn(Optional::isPresent).hasSize(1);
            expected = open().find(subject).orElseThrow().revision();
            assertThat(results).contains(Optional.of(expected));
        }
    }

    /**
     * Runs a task on several threads at once.
     *
     * @param threads how many
     * @param task what each does
     * @param <T> what it returns
     * @return the results
     * @throws Exception what a task threw
     */
    static <T> List<T> together(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : pool.invokeAll(java.util.Collections.nCopies(threads, task))) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
