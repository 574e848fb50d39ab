package org.autotls.testkit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which process has which port, among those that use the same file: the byte of the port's number is locked. Nothing is written,
 * and the system ends the locks of a process with it, however it ends.
 *
 * <p>The channel is never closed: on POSIX systems, to close any channel of a file ends all the locks that the process has on it.
 * So one process should have one of these for a file.
 *
 * <p><b>Threads.</b> Any.
 */
final class PortReservations {

    private final Path file;

    /** A lock that nobody refers to would be forgotten by this JVM, though not by the system. */
    private final Map<Integer, FileLock> held = new HashMap<>();

    private @Nullable FileChannel channel;

    PortReservations(Path file) {
        this.file = file;
    }

    /**
     * Takes a port until the end of this process, or {@link #giveBack}.
     *
     * @return false if this process or another one has it
     * @throws IllegalStateException if the file cannot be used
     */
    synchronized boolean take(int port) {
        try {
            FileLock lock = channel().tryLock(port, 1, false);
            if (lock == null) {
                return false;
            }
            held.put(port, lock);
            return true;
        } catch (OverlappingFileLockException e) {
            return false; // ours
        } catch (IOException e) {
            throw new IllegalStateException("cannot reserve a port in " + file, e);
        }
    }

    /** Lets others have a port that {@link #take} took. */
    synchronized void giveBack(int port) {
        FileLock lock = held.remove(port);
        if (lock == null) {
            return;
        }
        try {
            lock.release();
        } catch (IOException e) {
            throw new IllegalStateException("cannot give a port back in " + file, e);
        }
    }

    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            // In a directory that all users write to, a link may lead to another file of ours.
            Set<OpenOption> options =
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS);
            open = FileChannel.open(file, options, ownersOnly(file.getFileSystem()));
            channel = open;
        }
        return open;
    }

    private static FileAttribute<?>[] ownersOnly(FileSystem system) {
        return system.supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
