package org.autotls.doctor;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.AttemptRecord;
import org.autotls.CertificateStore;
import org.autotls.OrderBudget;
import org.autotls.RenewalPolicy;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.autotls.SubjectStatus;

/** What the store holds for the names already, and how earlier attempts ended. Stateless. */
public final class StoreExamination {

    private static final String NAME = "store";

    private StoreExamination() {}

    /**
     * Says that a store cannot be used.
     *
     * @param place what it is called
     * @param failure why; its message says what to do
     * @return a problem
     */
    public static Finding unusable(String place, StoreException failure) {
        return Finding.problem(
                NAME, place, String.valueOf(failure.getMessage()), "nothing can be kept there before that is mended");
    }

    /**
     * Reads; blocks.
     *
     * @param place what the store is called
     * @param store where certificates are; only read
     * @param state where attempt records are; only read
     * @param subjects what certificates are wanted for
     * @param spentUntil when the next order may be placed, if the CA's limit is used up; else empty
     * @param held why the next order for one of them has to wait, though others need not
     * @param now the present
     * @return one finding for the store, one if orders have to wait, and two or three for each subject
     */
    public static List<Finding> of(
            String place,
            CertificateStore store,
            StateStore state,
            List<Subject> subjects,
            Optional<Instant> spentUntil,
            Map<Subject, OrderBudget.Wait> held,
            Instant now) {
        List<SubjectStatus> all;
        try {
            all = SubjectStatus.readAll(store, state, RenewalPolicy.DEFAULT, now);
        } catch (StoreException e) {
            return List.of(unusable(place, e));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(NAME, place, "can be used; entries: " + all.size()));
        spentUntil.map(until -> spent(place, until)).ifPresent(findings::add);
        for (Subject subject : subjects) {
            Optional<SubjectStatus> status =
                    all.stream().filter(one -> one.subject().equals(subject)).findFirst();
            findings.add(StoredCheck.judge(subject, status, now));
            findings.add(AttemptsCheck.judge(subject, AttemptRecord.find(state, subject), now));
            Optional.ofNullable(held.get(subject))
                    .map(wait -> held(subject, wait))
                    .ifPresent(findings::add);
        }
        return findings;
    }

    private static Finding held(Subject subject, OrderBudget.Wait wait) {
        return Finding.problem(
                "budget",
                subject.name(),
                wait.why() + ", as far as the CA allows them in a time; the next at "
                        + wait.until().truncatedTo(ChronoUnit.SECONDS),
                "wait until then, or use another --issuer; put names that can share one into one certificate");
    }

    private static Finding spent(String place, Instant until) {
        return Finding.problem(
                "budget",
                place,
                "the account has placed all orders that its CA allows in a time; the next at "
                        + until.truncatedTo(ChronoUnit.SECONDS),
                "wait until then, or use another --issuer; renewals that are due wait by themselves, the most urgent first");
    }
}
