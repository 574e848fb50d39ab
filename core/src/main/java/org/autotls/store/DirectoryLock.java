package org.autotls.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.autotls.internal.DurableFiles;

/**
 * One writer at a time in a directory: among all threads, stores and class loaders of this JVM, and all processes of this
 * machine. Held for a compare and a rename only, never while a key is made or a file is forced to disk.
 *
 * <p>Between processes it is the operating system's lock on a file, which dies with its owner, so that none is ever stale.
 * POSIX has a trap there: such a lock belongs to the process, and closing <em>any</em> descriptor of the file gives it up,
 * also one that another store in this JVM opened. So at most one descriptor is open in this JVM at any time, which the
 * monitor below sees to. The monitor is an interned text, the one object that all class loaders of a JVM share, made of the
 * directory's identity rather than of its path.
 *
 * <p>Not guaranteed: writers that do not know this lock (txacme, a shell script) are not kept out. A save compares contents
 * right before its rename, so what such a writer can lose is what it wrote within that moment.
 */
final class DirectoryLock {

    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final int TRIES = 5_000;

    private final Path directory;
    private final Path file;

    DirectoryLock(Path directory) {
        this.directory = directory;
        this.file = directory.resolve("lock");
    }

    /** What is done while the lock is held. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    <T> T holding(Action<T> action) throws IOException {
        synchronized (monitor()) {
            try (FileChannel channel = FileChannel.open(
                    file,
                    Set.of(CREATE, WRITE, NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(DurableFiles.OWNER_FILE))) {
                acquire(channel);
                return action.run(); // closing the channel releases the lock
            }
        }
    }

    private Object monitor() throws IOException {
        Object identity =
                Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        return ("org.autotls.store.DirectoryLock " + (identity == null ? directory.toRealPath() : identity)).intern();
    }

    /** Tries and waits rather than blocks: another process may have been stopped while it holds the lock. */
    private void acquire(FileChannel channel) throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            if (tryLock(channel)) {
                return;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        throw new FileSystemException(file.toString(), null, "another process has held the lock for 10 s");
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // some other code of this JVM holds it: not ours, yet no reason to fail
        }
    }
}
