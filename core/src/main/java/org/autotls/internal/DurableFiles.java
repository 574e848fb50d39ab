package org.autotls.internal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * Files that are written whole or not at all: a temporary file, forced to disk, that a rename puts in place. A rename alone
 * is not enough: without the force a power cut leaves an empty file under the final name.
 *
 * <p>Permissions are given when a file or directory is created, never afterwards, so that no other user can open a key in
 * between. Stateless; on POSIX file systems.
 */
public final class DurableFiles {

    /** Only the owner reads and writes. */
    public static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    /** Only the owner enters. */
    public static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    /** Everybody reads, the owner writes: for what is public, such as a root certificate. */
    public static final Set<PosixFilePermission> PUBLIC_FILE = PosixFilePermissions.fromString("rw-r--r--");

    private DurableFiles() {}

    /**
     * Writes {@code content} to a new file and forces it to disk. Leaves nothing behind when it fails.
     *
     * @param directory where the file is made, on the file system of its final place
     * @param content what to write
     * @param permissions of the new file
     * @return the file, under a name that was not taken: a dot, digits and letters, {@code .tmp}
     * @throws IOException if it could not be written and forced
     */
    public static Path writeTemporary(Path directory, byte[] content, Set<PosixFilePermission> permissions)
            throws IOException {
        Path file = directory.resolve("." + UUID.randomUUID() + ".tmp");
        try {
            write(file, content, permissions);
            return file;
        } catch (IOException | RuntimeException e) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static void write(Path file, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), PosixFilePermissions.asFileAttribute(permissions))) {
            undoUmask(file, permissions);
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /**
     * Puts a file in the place of another, or where there was none, in one step. A symbolic link there is replaced, not
     * followed.
     *
     * @param temporary what {@link #writeTemporary} made
     * @param target the final place; durable only after {@link #forceDirectory} of its directory
     * @throws IOException if nothing was moved
     */
    public static void rename(Path temporary, Path target) throws IOException {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Makes the names in a directory durable.
     *
     * @param directory where a file was made, renamed or deleted
     * @throws IOException if the system could not force it
     */
    public static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    /**
     * Makes a directory, if there is none, that only the owner enters; its parent must exist.
     *
     * @param directory the directory
     * @throws IOException if there is none afterwards
     */
    public static void createOwnDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
            undoUmask(directory, OWNER_DIRECTORY);
            forceDirectory(parent(directory.toAbsolutePath()));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    /**
     * Returns the directory that a file is in.
     *
     * @param file a path with at least two names
     * @return all but its last name
     */
    public static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("'" + file + "' names no directory");
        }
        return parent;
    }

    /**
     * Gives the owner of a new file the rights that a umask such as 0777 took away. A umask never adds any.
     *
     * @param path what was just created
     * @param wanted the rights it was created with
     * @throws IOException if they could not be read or given
     */
    public static void undoUmask(Path path, Set<PosixFilePermission> wanted) throws IOException {
        if (!Files.getPosixFilePermissions(path, NOFOLLOW_LINKS).containsAll(wanted)) {
            Files.setPosixFilePermissions(path, wanted);
        }
    }
}
