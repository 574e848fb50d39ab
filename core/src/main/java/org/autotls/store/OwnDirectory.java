package org.autotls.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.autotls.Revision;
import org.autotls.StoreException;
import org.autotls.internal.DurableFiles;

/**
 * The sub-directory {@code .autotls} of a certificate directory, where all that is ours lives, and the one way in which
 * files are written, there and in the certificate directory itself. An old txsni or txacme beside us never looks into it.
 *
 * <pre>
 * lock    what writers exclude each other by
 * tmp/    files that a rename is about to put in place; what a crash leaves is swept at the next start
 * bad/    entries that could not be used, {@code <file name>.bad-<time>}
 * state/  the texts of the StateStore
 * </pre>
 *
 * <p><b>Threads.</b> Safe for many threads and processes.
 */
final class OwnDirectory {

    static final String NAME = ".autotls";

    /** How often a file is written again that a starting process took for litter. */
    private static final int TRIES = 10;

    private final Path root;
    private final Path home;
    private final boolean readOnly;
    private final DirectoryLock lock;

    OwnDirectory(Path root, boolean readOnly) {
        this.root = root;
        this.home = root.resolve(NAME);
        this.readOnly = readOnly;
        this.lock = new DirectoryLock(home);
    }

    /** Where in the directory a file is kept; asked while the lock is held. */
    @FunctionalInterface
    interface Place {
        Path find() throws IOException;
    }

    Path root() {
        return root;
    }

    Path state() {
        return home.resolve("state");
    }

    Path bad() {
        return home.resolve("bad");
    }

    /** All directories that are made here. */
    List<Path> parts() {
        return List.of(home, temporary(), bad(), state());
    }

    boolean isReadOnly() {
        return readOnly;
    }

    void requireWritable(String what) {
        if (readOnly) {
            throw StoreException.fatal("cannot " + what + ": the directory " + root + " was opened for reading only");
        }
    }

    /** Makes what is missing, and sweeps what a crash left; a live writer whose file is swept writes it again. */
    void prepare() throws IOException {
        createDirectories();
        locked(() -> {
            DurableFiles.undoUmask(home.resolve("lock"), DurableFiles.OWNER_FILE);
            try (DirectoryStream<Path> litter = Files.newDirectoryStream(temporary())) {
                for (Path file : litter) {
                    Files.deleteIfExists(file);
                }
            }
            return true;
        });
    }

    /** Does something that no other writer may interfere with. */
    <T> T locked(DirectoryLock.Action<T> action) throws IOException {
        createDirectories();
        return lock.holding(action);
    }

    /**
     * Puts {@code content} where {@code place} says, unless what is there is not {@code expected}.
     *
     * @return the new revision; empty if another writer came first
     */
    Optional<Revision> save(Place place, byte[] content, Revision expected, int maximum) throws IOException {
        createDirectories();
        for (int attempt = 1; ; attempt++) {
            try {
                return saveOnce(place, content, expected, maximum);
            } catch (NoSuchFileException e) {
                if (attempt == TRIES || !temporary().equals(Path.of(e.getFile()).getParent())) {
                    throw e;
                }
            }
        }
    }

    private Optional<Revision> saveOnce(Place place, byte[] content, Revision expected, int maximum)
            throws IOException {
        Path written = DurableFiles.writeTemporary(temporary(), content, DurableFiles.OWNER_FILE);
        try {
            return swap(written, place, expected, maximum)
                    ? Optional.of(SmallFile.revisionOf(content))
                    : Optional.empty();
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private boolean swap(Path written, Place place, Revision expected, int maximum) throws IOException {
        Optional<Path> target = lock.holding(() -> {
            Path file = place.find();
            Optional<SmallFile> present = SmallFile.read(file, maximum);
            if (!expected.equals(present.map(SmallFile::revision).orElse(Revision.NONE))) {
                return Optional.<Path>empty();
            }
            DurableFiles.rename(written, file);
            return Optional.of(file);
        });
        if (target.isPresent()) {
            DurableFiles.forceDirectory(DurableFiles.parent(target.get()));
        }
        return target.isPresent();
    }

    /** Puts {@code content} in place, whatever is there; the caller holds the lock. */
    void replace(Path file, byte[] content) throws IOException {
        Path written = DurableFiles.writeTemporary(temporary(), content, DurableFiles.OWNER_FILE);
        try {
            DurableFiles.rename(written, file);
        } finally {
            Files.deleteIfExists(written);
        }
        DurableFiles.forceDirectory(DurableFiles.parent(file));
    }

    /** Made again whenever it is missing: a mount that went away and came back needs no restart. */
    private void createDirectories() throws IOException {
        for (Path directory : parts()) {
            DurableFiles.createOwnDirectory(directory);
        }
    }

    private Path temporary() {
        return home.resolve("tmp");
    }
}
