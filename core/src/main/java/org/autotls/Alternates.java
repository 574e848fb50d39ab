package org.autotls;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store for the second certificate of each subject, where one is wanted. An alternate is an entry like any other
 * from then on: it has its own certificate, attempt record and journal, and is issued and renewed in the same way.
 *
 * <p>It counts only beside its primary: whoever gives a name up by removing the primary's file means both.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class Alternates {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);

    /** Each costs a look at the store; ten thousand new ones must not hold up what is due. */
    private static final int AT_ONCE = 100;

    private final CertificateStore store;
    private final Optional<KeyAlgorithm> wanted;
    private final Set<Subject> pending = new LinkedHashSet<>();
    private boolean failing;

    Alternates(CertificateStore store, Optional<KeyAlgorithm> wanted) {
        this.store = store;
        this.wanted = wanted;
    }

    /** Tells whether an entry is an alternate whose primary is not there. */
    static boolean isOrphan(Subject subject, Map<Subject, Revision> listed) {
        return subject.keyAlgorithm().isPresent() && !listed.containsKey(subject.primary());
    }

    /** The store has this entry. */
    void seen(Subject subject) {
        if (subject.keyAlgorithm().isEmpty()) {
            wanted.map(subject::alternate).ifPresent(pending::add);
        }
    }

    /** The store has this entry no more. */
    void gone(Subject subject) {
        wanted.map(subject::alternate).ifPresent(pending::remove);
    }

    /** Makes entries for those that were seen, some now and the rest at the next call. */
    void request(Predicate<Subject> isStored) {
        try {
            Iterator<Subject> next = pending.iterator();
            for (int asked = 0; next.hasNext() && asked < AT_ONCE; ) {
                Subject alternate = next.next();
                if (!isStored.test(alternate)) {
                    store.request(alternate);
                    asked++;
                }
                next.remove();
            }
            failing = false;
        } catch (StoreException e) {
            if (!failing) {
                LOG.warn("cannot ask the store for second certificates; it is tried again", e);
            }
            failing = true;
        } catch (IllegalArgumentException e) { // a name that is too long for the store with an ending more
            LOG.warn("{} gets no second certificate: {}", pending.iterator().next(), e.getMessage());
            pending.remove(pending.iterator().next());
        }
    }
}
