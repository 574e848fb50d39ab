package org.autotls.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.autotls.Revision;
import org.autotls.internal.Sha256;

/**
 * The content of a small regular file at one moment, as far as a file that others write in place has one. Immutable.
 *
 * @param stamp what {@code stat} said before and, if possible, after the read
 * @param bytes the content; empty if it is too large
 * @param tooLarge whether the file is larger than the reader allowed
 */
@SuppressWarnings("ArrayRecordComponent") // made by one reader, used by one caller, never compared
record SmallFile(FileStamp stamp, byte[] bytes, boolean tooLarge) {

    /** How often a file that changes while it is read is read again; what comes last is taken, and judged by its content. */
    private static final int TRIES = 3;

    /**
     * Reads a file, following symbolic links. Anything but a regular file is refused before it is opened, so that a FIFO
     * cannot block the reader.
     *
     * @return empty if there is no such file
     * @throws FileSystemException with a reason if it is not a regular file
     */
    static Optional<SmallFile> read(Path file, int maximum) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Optional<FileStamp> before = FileStamp.of(file);
            if (before.isEmpty()) {
                return Optional.empty();
            }
            if (!before.get().isRegular()) {
                throw new FileSystemException(file.toString(), null, StoreFailures.NOT_REGULAR);
            }
            try {
                SmallFile read = readOnce(file, before.get(), maximum);
                if (attempt == TRIES || FileStamp.of(file).equals(before)) {
                    return Optional.of(read);
                }
            } catch (NoSuchFileException e) {
                if (attempt == TRIES) {
                    return Optional.empty();
                }
            }
        }
    }

    private static SmallFile readOnce(Path file, FileStamp stamp, int maximum) throws IOException {
        if (stamp.size() > maximum) {
            return new SmallFile(stamp, new byte[0], true);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maximum + 1);
            return bytes.length > maximum
                    ? new SmallFile(stamp, new byte[0], true)
                    : new SmallFile(stamp, bytes, false);
        }
    }

    boolean isEmpty() {
        return bytes.length == 0 && !tooLarge;
    }

    Revision revision() {
        return tooLarge ? unread(stamp) : revisionOf(bytes);
    }

    /** Names a content by its hash, so that no clock or counter is trusted. */
    static Revision revisionOf(byte[] content) {
        return new Revision(HexFormat.of().formatHex(Sha256.of(content), 0, 16));
    }

    /** Names a content that is not read: too large, or not permitted. */
    static Revision unread(FileStamp stamp) {
        return new Revision("unread-" + stamp.inode() + "-" + stamp.size() + "-" + stamp.newest());
    }
}
