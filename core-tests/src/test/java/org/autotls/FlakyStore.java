package org.autotls;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.autotls.store.MemoryStore;

/** A store that fails when a test says so. */
final class FlakyStore implements CertificateStore, StateStore {

    final MemoryStore store;
    boolean down;
    boolean readOnly;
    /** Told before each certificate is saved. */
    Consumer<Subject> beforeSave = subject -> {};

    /** Told of each that is looked for. */
    Consumer<Subject> beforeFind = subject -> {};

    Runnable afterList = () -> {};
    Subject unreadable = Subject.of("none.example");
    int lists;
    int saves;

    FlakyStore(MemoryStore store) {
        this.store = store;
    }

    private void read() {
        if (down) {
            throw StoreException.retryable("the store is down", new IllegalStateException("told to"));
        }
    }

    private void write() {
        read();
        if (readOnly) {
            throw StoreException.retryable("no space left on device", new IllegalStateException("told to"));
        }
    }

    @Override
    public Map<Subject, Revision> list() {
        lists++;
        read();
        Map<Subject, Revision> listed = store.list();
        afterList.run();
        return listed;
    }

    @Override
    public Optional<StoredBundle> find(Subject subject) {
        beforeFind.accept(subject);
        read();
        if (subject.equals(unreadable)) {
            throw StoreException.fatal("the entry for " + subject + " is garbage");
        }
        return store.find(subject);
    }

    @Override
    public Optional<Revision> save(Subject subject, CertificateBundle bundle, Revision expected) {
        saves++;
        write();
        beforeSave.accept(subject);
        return store.save(subject, bundle, expected);
    }

    @Override
    public boolean request(Subject subject) {
        write();
        return store.request(subject);
    }

    @Override
    public boolean remove(Subject subject) {
        write();
        return store.remove(subject);
    }

    @Override
    public Optional<Entry> find(String key) {
        read();
        return store.find(key);
    }

    @Override
    public Optional<Revision> save(String key, String text, Revision expected) {
        read();
        return store.save(key, text, expected);
    }

    @Override
    public void delete(String key) {
        read();
        store.delete(key);
    }

    @Override
    public List<String> keys(String prefix) {
        read();
        return store.keys(prefix);
    }

    @Override
    public Instant now() {
        return store.now();
    }
}
