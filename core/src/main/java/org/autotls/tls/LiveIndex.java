package org.autotls.tls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.autotls.CertificateBundle;
import org.autotls.Scheduler;
import org.autotls.Subject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the {@link CertificateIndex} of the moment: one volatile reference that a change replaces and a handshake reads.
 *
 * <p>A handshake that chose a certificate just before it was replaced still finds its key and chain, by their alias, for a
 * grace time of one minute (longer than any handshake may take). After that the alias is unknown, which tells caches of
 * native key material to let go of theirs.
 *
 * <p><b>Threads.</b> Safe for many threads. Reading takes no lock. Changes take turns under this object's lock; none does
 * I/O. What a change costs depends on the names that it is about, and hardly on how many others there are.
 */
public final class LiveIndex {

    private static final Logger LOG = LoggerFactory.getLogger(LiveIndex.class);
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final Scheduler scheduler;
    private final Map<String, IndexEntry> byAlias = new ConcurrentHashMap<>();

    // Guarded by this: the entries by what they are stored as, and the number of the next alias.
    private final Map<Subject, IndexEntry> entries = new HashMap<>();
    private long generation;

    /** Written under the lock. */
    private volatile CertificateIndex current;

    /**
     * Makes an empty index.
     *
     * @param scheduler tells which of two bundles for one name is valid now, and ends the grace time
     */
    public LiveIndex(Scheduler scheduler) {
        this.scheduler = scheduler;
        this.current = CertificateIndex.empty(scheduler);
    }

    /**
     * Returns the index of the moment.
     *
     * @return immutable; a handshake takes it once
     */
    public CertificateIndex current() {
        return current;
    }

    /**
     * Serves a bundle in place of what was served for this subject. Does nothing if the very same bundle is being served.
     *
     * @param subject what it is stored as
     * @param bundle served under every name of its leaf
     * @throws IllegalArgumentException if the leaf carries acmeIdentifier; what was served before stays
     */
    public synchronized void put(Subject subject, CertificateBundle bundle) {
        current = add(current, subject, bundle);
    }

    /**
     * Serves no more what is stored as {@code subject}.
     *
     * @param subject one that was {@link #put}; another does no harm
     */
    public synchronized void remove(Subject subject) {
        IndexEntry old = entries.remove(subject);
        if (old != null) {
            retire(old);
            current = current.without(old);
        }
    }

    /**
     * Serves these bundles and no others, in one step; the fallback stays. A bundle whose leaf carries acmeIdentifier is left
     * out and reported; it hurts no other, and what was served for its subject before stays.
     *
     * @param bundles by what they are stored as
     * @return the subjects that were left out
     */
    public synchronized Set<Subject> replace(Map<Subject, CertificateBundle> bundles) {
        Set<Subject> refused = new HashSet<>();
        CertificateIndex next = current;
        for (Subject subject : List.copyOf(entries.keySet())) {
            if (!bundles.containsKey(subject)) {
                IndexEntry old = requireNonNull(entries.remove(subject));
                retire(old);
                next = next.without(old);
            }
        }
        for (Map.Entry<Subject, CertificateBundle> wanted : bundles.entrySet()) {
            try {
                next = add(next, wanted.getKey(), wanted.getValue());
            } catch (IllegalArgumentException e) {
                LOG.error(
                        "{} is not served: {}. Remove it from the store and find out who put it there.",
                        wanted.getKey(),
                        e.getMessage());
                refused.add(wanted.getKey());
            }
        }
        current = next;
        return refused;
    }

    /**
     * Serves a bundle to clients that send no server name (txsni's {@code DEFAULT.pem}, the embedded CA's {@code localhost});
     * without it they are refused.
     *
     * @param bundle any; it need not be one of those served by name
     * @throws IllegalArgumentException if the leaf carries acmeIdentifier
     */
    public synchronized void putFallback(CertificateBundle bundle) {
        Optional<IndexEntry> old = current.fallback();
        if (old.isPresent() && old.get().serves(bundle)) {
            return;
        }
        IndexEntry entry = entry("DEFAULT", bundle);
        old.ifPresent(this::retire);
        current = current.withFallback(Optional.of(entry));
    }

    /** Refuses clients that send no server name, as at first. */
    public synchronized void removeFallback() {
        if (current.fallback().isPresent()) {
            retire(current.fallback().get());
            current = current.withFallback(Optional.empty());
        }
    }

    /**
     * Finds what an alias stands for, if it is served or was until a minute ago.
     *
     * @param alias from {@link IndexEntry#alias}
     * @return always the same entry, until there is none
     */
    public Optional<IndexEntry> findAlias(String alias) {
        return Optional.ofNullable(byAlias.get(alias));
    }

    /**
     * Tells whether handshakes get a bundle for each of its names, if the client can use its kind of key. For a name that
     * another entry with that kind of key covers, too, the other may be served, if it was issued later; and a wildcard while the
     * bundle is not valid.
     *
     * @param subject what it is stored as
     * @param bundle known by its serial number
     * @return whether it is served
     */
    public boolean serves(Subject subject, CertificateBundle bundle) {
        IndexEntry entry;
        CertificateIndex snapshot;
        synchronized (this) {
            entry = entries.get(subject);
            snapshot = current;
        }
        return entry != null
                && entry.bundle().serial().equals(bundle.serial())
                && entry.identifiers().stream()
                        .allMatch(identifier -> snapshot.findBeside(entry, identifier)
                                .filter(found -> !found.bundle().notBefore().isBefore(bundle.notBefore()))
                                .isPresent());
    }

    /** The index with this bundle in place of what is served for the subject; the same one if it is the very same bundle. */
    private CertificateIndex add(CertificateIndex index, Subject subject, CertificateBundle bundle) {
        IndexEntry old = entries.get(subject);
        if (old != null && old.serves(bundle)) {
            return index;
        }
        IndexEntry entry = entry(subject.name(), bundle);
        entries.put(subject, entry);
        if (old == null) {
            return index.with(entry);
        }
        retire(old);
        return index.without(old).with(entry);
    }

    private IndexEntry entry(String name, CertificateBundle bundle) {
        IndexEntry entry = new IndexEntry(name + "#" + ++generation, bundle);
        byAlias.put(entry.alias(), entry); // before it can be chosen
        return entry;
    }

    private void retire(IndexEntry entry) {
        scheduler.schedule(GRACE, () -> byAlias.remove(entry.alias()));
    }
}
