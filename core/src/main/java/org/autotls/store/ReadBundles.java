package org.autotls.store;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.autotls.CertificateBundle;
import org.autotls.Revision;
import org.autotls.Subject;

/**
 * The bundles that were read and that somebody still uses. What a file holds follows from its revision, a hash of its content:
 * a second reader of the same content, as the issuing service beside the index is, need not check keys and signatures anew.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class ReadBundles {

    private record Read(Revision revision, WeakReference<CertificateBundle> bundle) {}

    private final Map<Subject, Read> last = new ConcurrentHashMap<>();

    /** Returns the bundle that was read from this content and is in use, else what {@code reader} makes of it or throws. */
    CertificateBundle find(Subject subject, Revision revision, Supplier<CertificateBundle> reader) {
        Read before = last.get(subject);
        CertificateBundle known = before == null || !before.revision().equals(revision)
                ? null
                : before.bundle().get();
        if (known != null) {
            return known;
        }
        CertificateBundle bundle = reader.get();
        last.put(subject, new Read(revision, new WeakReference<>(bundle)));
        return bundle;
    }

    /** Forgets those that are stored no more. */
    void retain(Set<Subject> subjects) {
        last.keySet().retainAll(subjects);
    }
}
