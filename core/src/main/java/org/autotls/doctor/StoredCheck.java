package org.autotls.doctor;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.autotls.Subject;
import org.autotls.SubjectStatus;

/** What is stored for a subject already. Stateless. */
final class StoredCheck {

    static final String NAME = "stored";

    private StoredCheck() {}

    /** Judges. */
    static Finding judge(Subject subject, Optional<SubjectStatus> status, Instant now) {
        String name = subject.name();
        if (status.isEmpty() || !status.get().leaf().exists()) {
            boolean unreadable = status.map(SubjectStatus::attempts)
                    .filter(attempts -> attempts.kind().equals("STORE")
                            && !attempts.message().isEmpty())
                    .isPresent();
            return unreadable
                    ? Finding.warning(
                            NAME,
                            name,
                            status.get().attempts().message(),
                            "see who may read the file; what is broken is set aside and issued anew")
                    : Finding.ok(NAME, name, "nothing yet");
        }
        Instant end = status.get().leaf().notAfter();
        Duration left = Duration.between(now, end);
        if (left.isNegative()) {
            return Finding.warning(
                    NAME,
                    name,
                    "a certificate that expired " + end,
                    "have it renewed: 'autotls renew' or 'autotls run'");
        }
        String found = "a certificate for " + left.toDays() + " days more, until " + end + "; next look "
                + status.get().nextAction().truncatedTo(ChronoUnit.SECONDS) + " ("
                + status.get().reason() + ")";
        return status.get().panicking()
                ? Finding.warning(
                        NAME, name, found, "it should have been renewed: what does the log of the server say?")
                : Finding.ok(NAME, name, found);
    }
}
