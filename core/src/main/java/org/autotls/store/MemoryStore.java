package org.autotls.store;

import static java.util.Objects.requireNonNull;

import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.autotls.AccountKeyStore;
import org.autotls.CertificateBundle;
import org.autotls.CertificateStore;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.internal.StateKeys;
import org.jspecify.annotations.Nullable;

/**
 * Bundles, state and the account key in memory: for tests, and for programs that may ask for new certificates at each
 * start. Nothing outlives the object; what shares it, shares a "cluster".
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks on I/O.
 */
public final class MemoryStore implements CertificateStore, StateStore, AccountKeyStore {

    private final InstantSource clock;

    // All guarded by this.
    private final Map<Subject, StoredBundle> bundles = new HashMap<>();
    private final Map<String, Entry> texts = new HashMap<>();
    private long revisions;
    private @Nullable KeyPair accountKey;
    private @Nullable KeyPair nextAccountKey;

    /**
     * Makes an empty store.
     *
     * @param clock what {@link #now} returns, which leases are measured by
     */
    public MemoryStore(InstantSource clock) {
        this.clock = requireNonNull(clock, "clock");
    }

    @Override
    public synchronized Map<Subject, Revision> list() {
        return bundles.values().stream()
                .collect(Collectors.toUnmodifiableMap(StoredBundle::subject, StoredBundle::revision));
    }

    @Override
    public synchronized Optional<StoredBundle> find(Subject subject) {
        return Optional.ofNullable(bundles.get(requireNonNull(subject, "subject")));
    }

    @Override
    public synchronized Optional<Revision> save(Subject subject, CertificateBundle bundle, Revision expected) {
        StoredBundle present = bundles.get(requireNonNull(subject, "subject"));
        if (!expected.equals(present == null ? Revision.NONE : present.revision())) {
            return Optional.empty();
        }
        StoredBundle saved = StoredBundle.holding(subject, nextRevision(), bundle);
        bundles.put(subject, saved);
        return Optional.of(saved.revision());
    }

    @Override
    public synchronized boolean request(Subject subject) {
        return bundles.putIfAbsent(subject, StoredBundle.requested(subject, nextRevision())) == null;
    }

    @Override
    public synchronized boolean remove(Subject subject) {
        return bundles.remove(requireNonNull(subject, "subject")) != null;
    }

    @Override
    public synchronized Optional<Entry> find(String key) {
        return Optional.ofNullable(texts.get(StateKeys.check(key)));
    }

    @Override
    public synchronized Optional<Revision> save(String key, String text, Revision expected) {
        StateKeys.check(key);
        if (text.length() > StateKeys.MAX_TEXT) {
            throw StoreException.fatal("the text for '" + key + "' has " + text.length() + " characters; at most "
                    + StateKeys.MAX_TEXT + " are kept");
        }
        Entry present = texts.get(key);
        if (!expected.equals(present == null ? Revision.NONE : present.revision())) {
            return Optional.empty();
        }
        Entry saved = new Entry(text, nextRevision());
        texts.put(key, saved);
        return Optional.of(saved.revision());
    }

    @Override
    public synchronized void delete(String key) {
        texts.remove(StateKeys.check(key));
    }

    @Override
    public synchronized List<String> keys(String prefix) {
        return texts.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public synchronized Optional<KeyPair> find() {
        return Optional.ofNullable(accountKey);
    }

    @Override
    public synchronized KeyPair loadOrCreate(Supplier<KeyPair> generator) {
        if (accountKey == null) {
            accountKey = requireNonNull(generator.get(), "generator");
        }
        return accountKey;
    }

    @Override
    public synchronized Optional<KeyPair> findNext() {
        return Optional.ofNullable(nextAccountKey);
    }

    @Override
    public synchronized KeyPair loadOrCreateNext(Supplier<KeyPair> generator) {
        if (nextAccountKey == null) {
            nextAccountKey = requireNonNull(generator.get(), "generator");
        }
        return nextAccountKey;
    }

    @Override
    public synchronized void replaceByNext() {
        if (nextAccountKey != null) {
            accountKey = nextAccountKey;
            nextAccountKey = null;
        }
    }

    @Override
    public synchronized void dropNext() {
        nextAccountKey = null;
    }

    /** Shows how much is kept, and nothing of it. */
    @Override
    public synchronized String toString() {
        return "MemoryStore[" + bundles.size() + " bundles, " + texts.size() + " texts]";
    }

    private Revision nextRevision() {
        revisions++;
        return new Revision(Long.toString(revisions));
    }
}
