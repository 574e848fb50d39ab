package org.autotls.cli;

import java.util.List;
import java.util.function.Supplier;
import org.autotls.CertificateStore;
import org.autotls.DomainNames;
import org.autotls.Subject;

/** Names as people write them on a command line, in whatever alphabet. */
final class NameArguments {

    private static final DomainNames NAMES = DomainNames.installed();

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
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
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
