package org.autotls.cli;

import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.autotls.CertificateStore;
import org.autotls.DomainNames;
import org.autotls.Subject;
import org.autotls.Text;

/** Names as people write them on a command line, in whatever alphabet. */
final class NameArguments {

    private static final DomainNames NAMES = DomainNames.installed();

    /** What is copied from a browser. */
    private static final Pattern PART_OF_A_URL = Pattern.compile("/|\\[|\\.[^:]*:[0-9]+$");

    private NameArguments() {}

    /**
     * Reads one subject.
     *
     * @param text a name or address, or several separated by commas, for one certificate over all of them; with {@code :rsa}
     *     or {@code :ecdsa} behind, their alternate
     * @return the subject, in A-labels
     * @throws CommandFailure with exit code {@link ExitCode#USAGE}, naming what is no name
     */
    static Subject subject(String text) {
        try {
            return NAMES.subject(text);
        } catch (IllegalArgumentException e) {
            String message = PART_OF_A_URL.matcher(text).find()
                    ? "'" + Text.escape(text)
                            + "' is no name: expected one such as www.example.com, or an IP address, without scheme,"
                            + " brackets or port"
                    : String.valueOf(e.getMessage());
            throw new CommandFailure(ExitCode.USAGE, message, e);
        }
    }

    /**
     * Refuses alternates whose primary is not there: they would not be served.
     *
     * @param subjects what is asked for
     * @param store opens where it goes, if that has to be looked at
     * @throws CommandFailure with exit code {@link ExitCode#USAGE}
     */
    static void requirePrimaries(List<Subject> subjects, Supplier<? extends CertificateStore> store) {
        for (Subject subject : subjects) {
            Subject primary = subject.primary();
            if (!subjects.contains(primary) && store.get().find(primary).isEmpty()) {
                throw new CommandFailure(
                        ExitCode.USAGE, subject + ": expected an entry for " + primary + ", beside which it could be");
            }
        }
    }
}
