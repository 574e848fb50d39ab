package org.autotls.doctor;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.autotls.AttemptRecord;
import org.autotls.IssueException;
import org.autotls.Subject;

/** What earlier attempts left of the CA's patience. Stateless. */
final class AttemptsCheck {

    static final String NAME = "attempts";

    /** Let's Encrypt's limit on names that could not be proved: so many in an hour. */
    private static final int FAILURES_AN_HOUR = 5;

    private AttemptsCheck() {}

    /** Judges. */
    static Finding judge(Subject subject, AttemptRecord record, Instant now) {
        String name = subject.name();
        if (record.failures() == 0) {
            return Finding.ok(NAME, name, "no failed attempt is remembered");
        }
        boolean waiting = record.allowedAt(now).isAfter(now);
        String next = waiting
                ? "the next is due " + record.allowedAt(now).truncatedTo(ChronoUnit.SECONDS)
                : "another may begin";
        String found = record.failures() + (record.failures() == 1 ? " failed attempt" : " failed attempts in a row")
                + ", the last at " + record.failedAt().truncatedTo(ChronoUnit.SECONDS) + "; " + next + ". It said: "
                + record.message();
        if (waiting && record.kind().equals(IssueException.Kind.RATE_LIMITED.name())) {
            return Finding.problem(
                    NAME, name, found, "the CA's limit is used up: wait until then, or use another --issuer");
        }
        boolean recent = Duration.between(record.failedAt(), now).compareTo(Duration.ofHours(1)) < 0;
        String left =
                recent ? " CAs allow few failures (Let's Encrypt " + FAILURES_AN_HOUR + " an hour for a name)" : "";
        return Finding.warning(
                NAME,
                name,
                found,
                "see first that the checks here find nothing; try with --staging until it works." + left);
    }
}
