package org.autotls.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What one {@code stat} says of a file: equal stamps mean that the content did not change, unless it was changed within the
 * granularity of the clock. The change time is part of it, since a writer can set the modification time back. Immutable.
 *
 * @param device the file system
 * @param inode the file itself, whatever its name
 * @param size in bytes
 * @param modified when the content was last written, as the writer may pretend
 * @param changed when content or attributes last changed, by the file system's clock
 * @param mode type and permission bits
 */
record FileStamp(long device, long inode, long size, FileTime modified, FileTime changed, int mode) {

    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int OTHERS_READ = 0044;

    /** Looks at a file, following symbolic links; empty if there is none, or a link to nothing. */
    static Optional<FileStamp> of(Path file) throws IOException {
        try {
            Map<String, Object> found = Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime,mode");
            return Optional.of(new FileStamp(
                    attribute(found, "dev", Long.class),
                    attribute(found, "ino", Long.class),
                    attribute(found, "size", Long.class),
                    attribute(found, "lastModifiedTime", FileTime.class),
                    attribute(found, "ctime", FileTime.class),
                    attribute(found, "mode", Integer.class)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static <T> T attribute(Map<String, Object> found, String name, Class<T> type) {
        return type.cast(requireNonNull(found.get(name), name));
    }

    boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    boolean sameFile(FileStamp other) {
        return device == other.device && inode == other.inode;
    }

    boolean isReadableByOthers() {
        return (mode & OTHERS_READ) != 0;
    }

    /** The later of the two times: the earliest instant at which the content may have been as it is. */
    Instant newest() {
        return modified.compareTo(changed) > 0 ? modified.toInstant() : changed.toInstant();
    }
}
