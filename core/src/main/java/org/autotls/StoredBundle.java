package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a {@link CertificateStore}: a bundle, or the wish for one. Immutable.
 *
 * <p>An entry without a bundle means "issue this one", as the original's empty {@code <name>.pem} does; so does an entry
 * whose content could not be used and was set aside.
 */
public final class StoredBundle {

    private final Subject subject;
    private final Revision revision;
    private final @Nullable CertificateBundle bundle;

    private StoredBundle(Subject subject, Revision revision, @Nullable CertificateBundle bundle) {
        this.subject = requireNonNull(subject, "subject");
        this.revision = requireNonNull(revision, "revision");
        this.bundle = bundle;
    }

    /**
     * An entry that asks for a certificate.
     *
     * @param subject what it is for
     * @param revision what a save has to name
     * @return the entry
     */
    public static StoredBundle requested(Subject subject, Revision revision) {
        return new StoredBundle(subject, revision, null);
    }

    /**
     * An entry that holds a bundle.
     *
     * @param subject what it is for
     * @param revision what a save has to name
     * @param bundle what is stored
     * @return the entry
     */
    public static StoredBundle holding(Subject subject, Revision revision, CertificateBundle bundle) {
        return new StoredBundle(subject, revision, requireNonNull(bundle, "bundle"));
    }

    /**
     * Returns what the entry is for.
     *
     * @return the subject
     */
    public Subject subject() {
        return subject;
    }

    /**
     * Returns the revision that was read.
     *
     * @return what a save has to name
     */
    public Revision revision() {
        return revision;
    }

    /**
     * Returns the bundle, expired or not.
     *
     * @return empty if none was issued yet
     */
    public Optional<CertificateBundle> bundle() {
        return Optional.ofNullable(bundle);
    }

    @Override
    public String toString() {
        return "StoredBundle[" + subject + ", " + (bundle == null ? "requested" : bundle.toString()) + "]";
    }
}
