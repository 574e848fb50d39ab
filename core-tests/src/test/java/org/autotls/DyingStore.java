package org.autotls;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.store.MemoryStore;

/** The store as a process sees it that is killed at its n-th call: before that call takes effect, or after. */
final class DyingStore implements CertificateStore, StateStore {

    /** What the rest of a dead process would run into, were it not dead. */
    static final class Dead extends Error {
        private static final long serialVersionUID = 1L;

        Dead() {
            super("this process is dead");
        }
    }

    private final MemoryStore store;
    private final int last;
    private final boolean takesEffect;
    private int calls;

    DyingStore(MemoryStore store, int last) {
        this(store, last, false);
    }

    DyingStore(MemoryStore store, int last, boolean takesEffect) {
        this.store = store;
        this.last = last;
        this.takesEffect = takesEffect;
    }

    void die() {
        calls = last;
    }

    boolean isDead() {
        return calls >= last;
    }

    private <T> T call(Supplier<T> body) {
        if (isDead()) {
            throw new Dead();
        }
        calls++;
        if (isDead() && !takesEffect) {
            throw new Dead();
        }
        T result = body.get();
        if (isDead()) {
            throw new Dead();
        }
        return result;
    }

    @Override
    public Map<Subject, Revision> list() {
        return call(store::list);
    }

    @Override
    public Optional<StoredBundle> find(Subject subject) {
        return call(() -> store.find(subject));
    }

    @Override
    public Optional<Revision> save(Subject subject, CertificateBundle bundle, Revision expected) {
        return call(() -> store.save(subject, bundle, expected));
    }

    @Override
    public boolean request(Subject subject) {
        return call(() -> store.request(subject));
    }

    @Override
    public boolean remove(Subject subject) {
        return call(() -> store.remove(subject));
    }

    @Override
    public Optional<Entry> find(String key) {
        return call(() -> store.find(key));
    }

    @Override
    public Optional<Revision> save(String key, String text, Revision expected) {
        return call(() -> store.save(key, text, expected));
    }

    @Override
    public void delete(String key) {
        Object done = call(() -> {
            store.delete(key);
            return key;
        });
        assert done == key;
    }

    @Override
    public List<String> keys(String prefix) {
        return call(() -> store.keys(prefix));
    }

    @Override
    public Instant now() {
        return store.now();
    }
}
