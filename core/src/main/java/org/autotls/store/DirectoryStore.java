package org.autotls.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.autotls.AccountKeyStore;
import org.autotls.CertificateBundle;
import org.autotls.CertificateStore;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.internal.DurableFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificate bundles in a directory that txsni, txacme and HAProxy can share: one file {@code <name>.pem} per subject with
 * its key, leaf and chain; {@code <name>.pem.rsa} or {@code <name>.pem.ecdsa} for an alternate. An empty file asks for a
 * certificate.
 *
 * <p><b>Writing.</b> A temporary file of mode 0600, forced to disk, renamed into place; then the directory is forced. So a
 * crash or power cut leaves the old entry or the new one. A symbolic link is replaced, never written through. Saves compare
 * the content's hash under a lock that all threads and processes of this machine share; programs that do not know the lock
 * can be overwritten only within the moment between that comparison and the rename.
 *
 * <p><b>Reading.</b> Every form of key that OpenSSL writes, in any order. An entry that cannot be used (cut short, two keys,
 * a key that matches no certificate, a leaf for other names) hurts nobody else: once it has stood unchanged for two seconds
 * it is moved to {@code .autotls/bad/<file name>.bad-<time>}, reported at warn, and an empty entry takes its place. Until
 * then, and always when opened for reading only, {@link #find} throws; its reader keeps what it had and asks again.
 *
 * <p>The file system must have POSIX permissions. Names that are no subject are ignored; everything of our own is in the
 * sub-directory {@code .autotls}, but for the account key in {@code client.key}.
 *
 * <p><b>Threads.</b> Safe for many threads and processes, also several stores on one directory. Holds nothing open.
 */
public final class DirectoryStore implements CertificateStore {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryStore.class);
    private static final byte[] REQUESTED = {};
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private record Default(Revision revision, CertificateBundle bundle) {}

    private final OwnDirectory directory;
    private final InstantSource clock;
    private final BadFiles bad;
    private final Entries entries;
    private final ChainSignatures signatures = new ChainSignatures();
    private final ReadBundles read = new ReadBundles();
    private volatile @Nullable Default lastDefault;

    private DirectoryStore(OwnDirectory directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
        this.bad = new BadFiles(directory, clock);
        this.entries = new Entries(directory.root(), clock, bad);
    }

    /**
     * Opens a directory to read and write, makes the sub-directory {@code .autotls} in it, and sweeps what a crash left.
     *
     * @param directory must exist and be writable
     * @param clock the present; a {@link org.autotls.Scheduler} is one
     * @return the store
     * @throws StoreException if the directory is missing or cannot be written; says what to do
     */
    public static DirectoryStore open(Path directory, InstantSource clock) {
        OwnDirectory own = new OwnDirectory(checked(directory), false);
        requireWritable(own);
        try {
            own.prepare();
            warnIfShared(own.root());
        } catch (IOException e) {
            throw StoreFailures.of("cannot use the certificate directory " + shown(own.root()), e);
        }
        return new DirectoryStore(own, requireNonNull(clock, "clock"));
    }

    /**
     * Checks whether {@link #open} would work, and writes nothing.
     *
     * @param directory a certificate directory
     * @throws StoreException if it is missing, or something in it cannot be written; says what to do
     */
    public static void check(Path directory) {
        requireWritable(new OwnDirectory(checked(directory), true));
    }

    private static void requireWritable(OwnDirectory own) {
        if (!Files.isWritable(own.root()) || !Files.isExecutable(own.root())) {
            throw StoreException.fatal("the certificate directory " + shown(own.root())
                    + " is not writable for the user that runs this; certificates could not be kept");
        }
        for (Path part : own.parts()) {
            if (Files.exists(part) && !Files.isWritable(part)) {
                throw StoreException.fatal(
                        shown(part) + " is not writable for the user that runs this; was another user's"
                                + " command the first here? chown -R it to this user");
            }
        }
    }

    /**
     * Opens a directory that another process keeps up to date. Nothing is ever written to it: not a lock, not a set-aside
     * file; whatever would write throws.
     *
     * @param directory must exist and be readable
     * @param clock the present; a {@link org.autotls.Scheduler} is one
     * @return the store
     * @throws StoreException if the directory is missing or cannot be read
     */
    public static DirectoryStore openReadOnly(Path directory, InstantSource clock) {
        OwnDirectory own = new OwnDirectory(checked(directory), true);
        if (!Files.isReadable(own.root()) || !Files.isExecutable(own.root())) {
            throw StoreException.fatal(
                    "the certificate directory " + shown(own.root()) + " is not readable for the user that runs this");
        }
        return new DirectoryStore(own, requireNonNull(clock, "clock"));
    }

    /**
     * Returns where the entries are.
     *
     * @return the directory, absolute
     */
    public Path directory() {
        return directory.root();
    }

    /**
     * Returns the state kept beside the entries, under {@code .autotls/state}. Opened for reading only, it can be read.
     *
     * @return a store of texts; its clock is this store's clock, since a directory is shared on one machine
     */
    public StateStore state() {
        return new DirectoryState(directory, clock, bad);
    }

    /**
     * Returns the home of the ACME account key, the file {@code client.key}.
     *
     * @return reads what the original wrote (PKCS#1, RSA) and any PKCS#8 key; writes PKCS#8
     */
    public AccountKeyStore accountKeys() {
        return new AccountKeyFile(directory, bad);
    }

    /**
     * Returns the home of the account key at one CA: the file {@code client.key}, until the key is changed there.
     *
     * @param issuerKey the URL of the CA's directory
     * @return as {@link #accountKeys}; a changed key is kept in a file whose name begins with {@code client-}
     */
    public AccountKeyStore accountKeys(String issuerKey) {
        return new AccountKeyFile(directory, bad).of(issuerKey);
    }

    /**
     * Returns the home of an account key that is used at one CA only, from the start: a staging CA's, say.
     *
     * @param issuerKey the URL of the CA's directory
     * @return as {@link #accountKeys(String)}, which finds it, too, once there is one
     */
    public AccountKeyStore ownAccountKeys(String issuerKey) {
        return new AccountKeyFile(directory, bad).ownOf(issuerKey);
    }

    /**
     * Makes an entry ask for a new certificate: key and chain are gone. Does nothing if there is another by now.
     *
     * @param subject whose certificate is no longer good
     * @param expected the revision that holds that certificate
     * @return whether the entry is empty now; false if it is gone, or another writer came first
     * @throws StoreException if the write failed
     */
    public boolean empty(Subject subject, Revision expected) {
        directory.requireWritable("empty " + subject);
        try {
            return directory.locked(() -> {
                Optional<SmallFile> present = SmallFile.read(entries.locate(subject), BundleFile.MAXIMUM);
                if (!present.map(SmallFile::revision).equals(Optional.of(expected))) {
                    return false;
                }
                for (Path file : entries.all(subject)) {
                    directory.replace(file, REQUESTED);
                }
                return true;
            });
        } catch (IOException e) {
            throw StoreFailures.of("cannot empty the entry of " + subject, e);
        }
    }

    /**
     * Returns what txsni serves to a client without SNI, the file {@code DEFAULT.pem}. Cheap while the file is the same.
     *
     * @return the bundle, whatever its names; empty if there is no such file, or an empty one
     * @throws StoreException if it cannot be used; it is reported once and never set aside
     */
    public Optional<CertificateBundle> findDefault() {
        Path file = directory.root().resolve(EntryName.DEFAULT);
        try {
            Optional<SmallFile> content =
                    SmallFile.read(file, BundleFile.MAXIMUM).filter(read -> !read.isEmpty());
            Default last = lastDefault;
            if (content.isEmpty()
                    || (last != null && last.revision().equals(content.get().revision()))) {
                return content.isEmpty() || last == null ? Optional.empty() : Optional.of(last.bundle());
            }
            CertificateBundle bundle = parse(content.get());
            lastDefault = new Default(content.get().revision(), bundle);
            return Optional.of(bundle);
        } catch (IllegalArgumentException e) {
            bad.report(
                    file, BadFiles.Fault.CONTENT, String.valueOf(e.getMessage()), "cannot be used: " + e.getMessage());
            throw StoreException.fatal(shown(file) + " cannot be used: " + e.getMessage(), e);
        } catch (IOException e) {
            throw StoreFailures.of("cannot read the default certificate", e);
        }
    }

    /**
     * Calls soon after an entry may have changed, so that nobody need wait for the next poll of {@link #list}, which takes long
     * with many entries. Only a hint: the system may know no such events (NFS, FUSE) or lose some, so polling goes on. Both
     * are called on a thread of the watch, one call at a time, perhaps for nothing; what they throw is logged.
     *
     * @param onEntry told of the entry that was written or removed
     * @param onOverflow called if there were so many that the system does not know which
     * @return stops the calls when closed
     */
    public DirectoryWatch watch(Consumer<Subject> onEntry, Runnable onOverflow) {
        return DirectoryWatch.start(
                directory.root(), name -> EntryName.subjectOf(name).ifPresent(onEntry), onOverflow);
    }

    @Override
    public Map<Subject, Revision> list() {
        try {
            Map<Subject, Revision> listed = entries.list();
            read.retain(listed.keySet());
            return listed;
        } catch (IOException e) {
            throw StoreFailures.of("cannot list the certificate directory", e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the subject is too long for a file name
     */
    @Override
    public void requirePossible(Subject subject) {
        EntryName.requirePossible(subject);
    }

    /**
     * {@inheritDoc}
     *
     * @throws StoreException if the entry cannot be read, or not be used. Retryable if it was written less than two seconds
     *     ago and may be incomplete; the caller keeps what it had and asks again, even if the revision stays the same
     */
    @Override
    public Optional<StoredBundle> find(Subject subject) {
        if (!EntryName.isPossible(subject)) {
            return Optional.empty();
        }
        try {
            Path file = entries.locate(subject);
            Optional<SmallFile> content = SmallFile.read(file, BundleFile.MAXIMUM);
            return content.isEmpty() ? Optional.empty() : Optional.of(stored(subject, file, content.get()));
        } catch (IOException e) {
            throw StoreFailures.of("cannot read the entry of " + subject, e);
        }
    }

    private StoredBundle stored(Subject subject, Path file, SmallFile content) throws IOException {
        if (content.isEmpty()) {
            if (entries.wasCutShort(file, content.stamp()) && !bad.isSettled(file, content.stamp())) {
                throw unsettled(file, new IllegalArgumentException("it was just emptied"));
            }
            return StoredBundle.requested(subject, content.revision());
        }
        try {
            Revision revision = content.revision();
            CertificateBundle bundle = read.find(subject, revision, () -> parse(content));
            if (!directory.isReadOnly()) {
                requireFor(subject, bundle);
            }
            bad.recovered(file);
            return StoredBundle.holding(subject, revision, bundle);
        } catch (IllegalArgumentException e) {
            return unusable(subject, file, content, e);
        }
    }

    private static void requireFor(Subject subject, CertificateBundle bundle) {
        if (!bundle.covers(subject)) {
            throw new IllegalArgumentException(
                    "the leaf is for " + bundle.identifiers() + "; the entry is for " + subject);
        }
        if (!bundle.hasKeyFor(subject)) {
            throw new IllegalArgumentException(
                    "the key is " + bundle.privateKey().getAlgorithm() + "; the entry is for " + subject);
        }
    }

    private StoredBundle unusable(Subject subject, Path file, SmallFile content, IllegalArgumentException why)
            throws IOException {
        if (directory.isReadOnly()) {
            bad.report(file, BadFiles.Fault.CONTENT, content.revision().value(), "cannot be used: " + why.getMessage());
            throw StoreException.fatal(shown(file) + " cannot be used: " + why.getMessage(), why);
        }
        if (!bad.isSettled(file, content.stamp())) {
            throw unsettled(file, why);
        }
        return directory.locked(() -> {
            Optional<SmallFile> present = SmallFile.read(file, BundleFile.MAXIMUM);
            if (!present.map(SmallFile::revision).equals(Optional.of(content.revision()))) {
                throw unsettled(file, why); // somebody has just written it
            }
            Path kept = bad.setAside(file);
            directory.replace(file, REQUESTED);
            LOG.warn(
                    "{}: cannot be used: {}; kept as {}, and {} will be issued anew",
                    shown(file),
                    why.getMessage(),
                    shown(kept),
                    subject);
            return StoredBundle.requested(subject, SmallFile.revisionOf(REQUESTED));
        });
    }

    private static StoreException unsettled(Path file, IllegalArgumentException why) {
        return StoreException.retryable(
                shown(file) + " cannot be used, perhaps since it is being written: " + why.getMessage(), why);
    }

    /** Whatever a parser throws at content from outside, it is the content that is bad. */
    private CertificateBundle parse(SmallFile content) {
        if (content.tooLarge()) {
            throw new IllegalArgumentException(
                    "it has " + content.stamp().size() + " bytes; a bundle has at most " + BundleFile.MAXIMUM);
        }
        try {
            return BundleFile.parse(content.bytes(), signatures);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("a key or certificate in it is damaged", e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the leaf is not for every identifier of {@code subject} or the key not of its
     *     algorithm, if a certificate of the chain did not sign the one before, or if the subject is too long for a file name
     */
    @Override
    public Optional<Revision> save(Subject subject, CertificateBundle bundle, Revision expected) {
        directory.requireWritable("save " + subject);
        EntryName.requirePossible(subject);
        requireFor(subject, bundle);
        // Read back before it is written: what we could not read is never stored.
        byte[] content = BundleFile.encode(BundleFile.parse(BundleFile.encode(bundle), signatures));
        if (content.length > BundleFile.MAXIMUM) {
            throw new IllegalArgumentException("a bundle of " + content.length + " bytes would not be read again");
        }
        try {
            return directory.save(() -> entries.locate(subject), content, expected, BundleFile.MAXIMUM);
        } catch (IOException e) {
            throw StoreFailures.of("cannot save the certificate of " + subject, e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the subject is too long for a file name
     */
    @Override
    public boolean request(Subject subject) {
        directory.requireWritable("request " + subject);
        EntryName.requirePossible(subject);
        try {
            return directory.locked(() -> {
                Path file = entries.locate(subject);
                boolean absent = SmallFile.read(file, BundleFile.MAXIMUM).isEmpty();
                if (absent) {
                    directory.replace(file, REQUESTED);
                }
                return absent;
            });
        } catch (IOException e) {
            throw StoreFailures.of("cannot make the entry of " + subject, e);
        }
    }

    @Override
    public boolean remove(Subject subject) {
        directory.requireWritable("remove " + subject);
        try {
            return directory.locked(() -> {
                boolean removed = false;
                for (Path file : entries.all(subject)) {
                    removed |= Files.deleteIfExists(file);
                }
                if (removed) {
                    DurableFiles.forceDirectory(directory.root());
                }
                return removed;
            });
        } catch (IOException e) {
            throw StoreFailures.of("cannot remove the entry of " + subject, e);
        }
    }

    /** Shows the directory. */
    @Override
    public String toString() {
        return "DirectoryStore[" + shown(directory.root()) + (directory.isReadOnly() ? ", read-only]" : "]");
    }

    private static Path checked(Path directory) {
        Path absolute = directory.toAbsolutePath();
        if (!Files.exists(absolute)) {
            throw StoreException.fatal("the certificate directory " + shown(absolute)
                    + " does not exist; make it: mkdir -m 700 " + shown(absolute));
        }
        if (!Files.isDirectory(absolute)) {
            throw StoreException.fatal(shown(absolute) + " is not a directory; expected the certificate directory");
        }
        if (!absolute.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            throw StoreException.fatal(
                    "the file system of " + shown(absolute) + " has no POSIX permissions: keys could not be protected");
        }
        return absolute;
    }

    private static void warnIfShared(Path root) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(root);
        if (OTHERS_WRITE.stream().anyMatch(permissions::contains)) {
            LOG.warn("{}: other users can replace the private keys in it; run: chmod go-w", shown(root));
        } else if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
            LOG.info("{}: other users can list the names in it; chmod 700 would hide them", shown(root));
        }
    }

    private static String shown(Path path) {
        return Text.escape(path.toString());
    }
}
