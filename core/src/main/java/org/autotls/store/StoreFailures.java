package org.autotls.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.autotls.StoreException;
import org.autotls.Text;

/** Turns what the file system says into a {@link StoreException} that says whether waiting may help. Stateless. */
final class StoreFailures {

    static final String NOT_REGULAR = "is not a regular file";

    /** What the system says when only a person can help; a full disk, a lost mount or too many files may pass. */
    private static final List<String> FOR_A_PERSON = List.of(
            NOT_REGULAR,
            "Read-only file system",
            "Operation not permitted",
            "Is a directory",
            "Not a directory",
            "File name too long",
            "symbolic links",
            "No locks available");

    private StoreFailures() {}

    /** Says what was tried, on what, and why it failed. */
    static StoreException of(String tried, IOException failure) {
        String message = tried + ": " + reason(failure);
        return isForAPerson(failure)
                ? StoreException.fatal(message, failure)
                : StoreException.retryable(message, failure);
    }

    static boolean isForAPerson(IOException failure) {
        String said = String.valueOf(failure.getMessage());
        return failure instanceof AccessDeniedException
                || failure instanceof FileSystemLoopException
                || FOR_A_PERSON.stream().anyMatch(said::contains);
    }

    private static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) {
            return Text.escape(denied.getFile()) + ": permission denied; the user that runs this must own it";
        }
        if (failure instanceof NoSuchFileException missing) {
            return Text.escape(missing.getFile()) + ": no such file or directory";
        }
        if (failure instanceof FileSystemException known && known.getReason() != null) {
            return Text.escape(known.getFile()) + ": " + Text.escape(known.getReason());
        }
        return Text.escape(String.valueOf(failure.getMessage()));
    }
}
