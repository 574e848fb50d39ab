package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.autotls.RenewalDecision.Reason;

/**
 * How one subject stands. Immutable.
 *
 * @param subject whose certificate it is
 * @param issuer the distinguished name of who signed the leaf; empty if there is none
 * @param leaf when the certificate begins and ends; {@link LeafTimes#NONE} if there is none
 * @param nextAction when the service looks at it again; the present if it is due or being issued
 * @param reason why then
 * @param panicking whether it is missing, expired, or inside the panic interval
 * @param attempts the last failure; {@link AttemptRecord#NONE} if the last try succeeded
 * @param renewal what its issuer said of renewal; {@link RenewalRecord#NONE} if that is not known
 */
public record SubjectStatus(
        Subject subject,
        String issuer,
        LeafTimes leaf,
        Instant nextAction,
        RenewalDecision.Reason reason,
        boolean panicking,
        AttemptRecord attempts,
        RenewalRecord renewal) {

    private static final Set<Reason> DUE =
            EnumSet.of(Reason.MISSING, Reason.EXPIRED, Reason.EXPIRES_SOON, Reason.WINDOW, Reason.CA_WINDOW);

    /** Checks the values. */
    public SubjectStatus {
        requireNonNull(subject, "subject");
        requireNonNull(issuer, "issuer");
        requireNonNull(leaf, "leaf");
        requireNonNull(nextAction, "nextAction");
        requireNonNull(reason, "reason");
        requireNonNull(attempts, "attempts");
        requireNonNull(renewal, "renewal");
    }

    /**
     * Reads how everything in a store stands, without a service. An entry that cannot be used, or is not for its
     * subject, counts as missing, and says why as its last failure, of the kind {@code STORE}.
     *
     * @param store what is stored
     * @param state where attempt and renewal records are
     * @param policy what decides
     * @param now the present
     * @return one per subject, sorted
     * @throws StoreException if the store cannot be listed, or the state cannot be read
     */
    public static List<SubjectStatus> readAll(
            CertificateStore store, StateStore state, RenewalPolicy policy, Instant now) {
        return readAll(store, state, policy, DomainNames.installed(), now);
    }

    /** As above, by what these know of registered domains. */
    static List<SubjectStatus> readAll(
            CertificateStore store, StateStore state, RenewalPolicy policy, DomainNames names, Instant now) {
        RenewalRecords renewals = new RenewalRecords(state);
        SpentOrders spent = SpentOrders.read(state, now);
        Map<Subject, Revision> listed = store.list();
        return listed.entrySet().parallelStream() // to check ten thousand keys and signatures takes seconds
                .filter(entry -> !Alternates.isOrphan(entry.getKey(), listed))
                .flatMap(entry -> find(store, state, entry.getKey(), entry.getValue(), now).stream())
                .map(found -> of(found.entry(), found.attempts(), renewals.find(found.entry()), policy, now)
                        .held(spent, names))
                .sorted(Comparator.comparing(SubjectStatus::subject))
                .toList();
    }

    private record Found(StoredBundle entry, AttemptRecord attempts) {}

    private static Optional<Found> find(
            CertificateStore store, StateStore state, Subject subject, Revision listed, Instant now) {
        AttemptRecord attempts = AttemptRecord.find(state, subject);
        try {
            return store.find(subject)
                    .map(entry -> unfit(entry)
                            .map(why -> unusable(subject, listed, attempts, why, now))
                            .orElseGet(() -> new Found(entry, attempts)));
        } catch (StoreException e) {
            return Optional.of(unusable(subject, listed, attempts, String.valueOf(e.getMessage()), now));
        }
    }

    private static Found unusable(Subject subject, Revision listed, AttemptRecord attempts, String why, Instant now) {
        AttemptRecord failed =
                new AttemptRecord(attempts.failures(), AttemptRecord.STORE, why, now, attempts.nextAttempt());
        return new Found(StoredBundle.requested(subject, listed), failed);
    }

    /** A store that may not write hands out what the service would set aside and issue anew. */
    private static Optional<String> unfit(StoredBundle entry) {
        return entry.bundle()
                .filter(bundle -> !bundle.covers(entry.subject()) || !bundle.hasKeyFor(entry.subject()))
                .map(bundle -> "the leaf is for " + bundle.identifiers() + " with a key of the kind "
                        + bundle.privateKey().getAlgorithm() + "; the entry is for " + entry.subject());
    }

    private static SubjectStatus of(
            StoredBundle entry, AttemptRecord attempts, RenewalRecord renewal, RenewalPolicy policy, Instant now) {
        LeafTimes leaf = LeafTimes.of(entry);
        RenewalDecision decision = policy.decide(now, leaf, attempts, renewal);
        Instant next = decision instanceof RenewalDecision.LookAgainAt later ? later.instant() : now;
        return new SubjectStatus(
                entry.subject(),
                issuer(entry),
                leaf,
                next,
                decision.reason(),
                policy.isPanicking(now, leaf),
                attempts,
                renewal);
    }

    /** What is due waits while no order can be placed for it; a renewal that names what it replaces may need none. */
    private SubjectStatus held(SpentOrders spent, DomainNames names) {
        if (!DUE.contains(reason) || renewal.certificate().isPresent()) {
            return this;
        }
        Reason why = spent.forAll().isPresent() ? Reason.OVER_BUDGET : Reason.NAMES_OVER_BUDGET;
        return spent.forSubject(subject, names)
                .map(wait -> new SubjectStatus(subject, issuer, leaf, wait.until(), why, panicking, attempts, renewal))
                .orElse(this);
    }

    static String issuer(StoredBundle entry) {
        return entry.bundle()
                .map(bundle ->
                        Text.escape(bundle.leaf().getIssuerX500Principal().getName()))
                .orElse("");
    }
}
