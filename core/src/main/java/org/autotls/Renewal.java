package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.autotls.internal.StateKeys;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try to get one subject's certificate: lease, plan, begin, issue, save, serve, tidy. Used once.
 *
 * <p>After a crash, by the step that was reached last:
 *
 * <ol>
 *   <li>{@link #lease}: the lease ends by itself, within {@link #LEASE}; the next run takes it with a higher number.
 *   <li>{@link #plan}: only read. What another process has saved or failed meanwhile is seen here, inside the lease.
 *   <li>{@link #begin}: the record says that a try did not end. The next run waits as after a failure, so a crash loop
 *       makes no more orders than a failing CA; but if the issuer has left a journal, it resumes that order at once.
 *   <li>{@link #issue}: the issuer resumes from its journal, with the same order and the same key.
 *   <li>{@link #save}: old or new, whole. If old, the journal is still there and the same certificate is downloaded again.
 *   <li>{@link #serve}: every process that watches the store loads it at its next poll.
 *   <li>{@link #tidy}: record and journal of a certificate that is not due are removed by the next run, which therefore
 *       never takes an old order for a new certificate.
 * </ol>
 *
 * <p><b>Threads.</b> Steps run one after another on the executor; {@link #abandon} may be called from any thread.
 */
final class Renewal {

    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

    /** How long the lease outlives a process that died. */
    static final Duration LEASE = Duration.ofSeconds(30);

    private static final int SAVE_TRIES = 3;

    /** What a renewal needs of the service. */
    record Tools(
            ServiceOptions options, Remembered remembered, Consumer<StoredBundle> server, Consumer<Issuer> asked) {}

    /**
     * What a renewal is to do.
     *
     * @param subject for whom
     * @param forced whether somebody asked for it, whatever is stored
     * @param known what is known of former tries, until the record is read
     * @param unsaved a bundle that was issued before and could not be written; may be null
     * @param seen the revision that was stored when another process's lease was first met; may be null
     */
    record Job(
            Subject subject,
            BooleanSupplier forced,
            AttemptRecord known,
            @Nullable CertificateBundle unsaved,
            @Nullable Revision seen) {}

    private final Tools tools;
    private final Remembered remembered;
    private final ServiceOptions options;
    private final Job job;
    private final Subject subject;
    private final OrderJournal journal;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final AtomicBoolean ending = new AtomicBoolean();

    // Written by the steps, read by timers and by abandon().
    private volatile AttemptRecord record;
    private volatile AttemptRecord before = AttemptRecord.NONE;
    private volatile Revision planned = Revision.NONE;
    private volatile Optional<IssuedCertificate> predecessor = Optional.empty();
    private volatile @Nullable CertificateBundle unsaved; // null from when it is dropped, too
    private volatile boolean resumes;
    private volatile @Nullable Lease lease;
    private volatile boolean lost;
    private volatile Scheduler.@Nullable Cancellable deadline;
    private volatile Scheduler.@Nullable Cancellable keepAlive;

    Renewal(Tools tools, Job job) {
        this.tools = tools;
        this.remembered = tools.remembered();
        this.options = tools.options();
        this.job = job;
        this.subject = job.subject();
        this.record = job.known();
        this.unsaved = job.unsaved();
        this.journal = new OrderJournal(options.state(), subject);
    }

    /** Runs the steps; the result completes with each ordinary end, failures too. Called on the executor. */
    CompletionStage<Outcome> run() {
        deadline = options.scheduler().schedule(options.attemptTimeout(), this::overdue);
        try {
            Optional<Outcome> early = lease().or(this::plan);
            if (ending.get()) {
                release(); // a step took so long that this try is over
            } else if (early.isPresent()) {
                end(early.get());
            } else if (unsaved != null) {
                end(save(unsaved));
            } else {
                begin();
                issue().whenCompleteAsync(this::issued, options.executor());
            }
        } catch (Throwable e) { // users' stores and issuers throw what they like
            end(failed(e, unsaved));
        }
        return outcome;
    }

    /** Ends it from outside, without a word in the record: the service stops. */
    void abandon(IssueException stopped) {
        if (ending.compareAndSet(false, true)) {
            finish(new Outcome.Failed(stopped, record, unsaved));
        }
    }

    private Optional<Outcome> lease() {
        lease = remembered.leases().acquire(leaseName(), LEASE).orElse(null);
        if (lease == null) {
            Revision seen =
                    options.store().find(subject).map(StoredBundle::revision).orElse(Revision.NONE);
            return Optional.of(new Outcome.Held(remembered.leases().heldFor(leaseName()), seen));
        }
        keepLease();
        return Optional.empty();
    }

    private Optional<Outcome> plan() {
        Optional<StoredBundle> entry = options.store().find(subject);
        planned = entry.map(StoredBundle::revision).orElse(Revision.NONE);
        record = remembered.attempts().find(subject);
        boolean forced = job.forced().getAsBoolean();
        RenewalRecord said = entry.map(remembered.renewals()::find).orElse(RenewalRecord.NONE);
        boolean emptied = entry.filter(stored -> stored.bundle().isEmpty()).isPresent();
        predecessor = (emptied ? remembered.renewals().last(subject) : said).certificate();
        dropUnsavedIfOver(entry.map(LeafTimes::of).orElse(LeafTimes.NONE));
        if (entry.isEmpty()) {
            return forced ? Optional.empty() : Optional.of(new Outcome.Gone());
        }
        boolean renewedByOther = job.seen() != null && !job.seen().equals(planned);
        if (forced && !renewedByOther) {
            return Optional.empty();
        }
        Instant now = options.scheduler().instant();
        LeafTimes leaf = LeafTimes.of(entry.get());
        if (options.policy().decide(now, leaf, AttemptRecord.NONE, said)
                instanceof RenewalDecision.LookAgainAt notDue) {
            if (notDue.isClockInDoubt() && !forced) {
                return Optional.of(new Outcome.Deferred(record)); // what was begun is wanted when the clock is right
            }
            tidy();
            return Optional.of(new Outcome.Kept(entry.get(), forced));
        }
        boolean early = unsaved == null
                && options.policy().decide(now, leaf, record, said) instanceof RenewalDecision.LookAgainAt;
        return early && !forced ? Optional.of(new Outcome.Deferred(record)) : Optional.empty();
    }

    /**
     * What could not be written for so long that it is due by now is still written if it ends later than what is stored: it is
     * served until there is another, however long the CA is down. If not, its order is over, and another is placed.
     */
    private void dropUnsavedIfOver(LeafTimes stored) {
        CertificateBundle waiting = unsaved;
        Instant now = options.scheduler().instant();
        if (waiting == null || !isDue(waiting, now)) {
            return;
        }
        Instant until = waiting.notAfter();
        if (!until.isAfter(now) || !until.isAfter(stored.notAfter())) {
            LOG.warn("the certificate for {} could not be saved before it was over, at {}", subject, until);
            remembered.leftovers().retire(subject); // or the next order would be given the same one
            unsaved = null;
        }
    }

    private boolean isDue(CertificateBundle bundle, Instant now) {
        return options.policy().decide(now, LeafTimes.of(bundle), AttemptRecord.NONE, RenewalRecord.NONE)
                instanceof RenewalDecision.Now;
    }

    /** Nothing is ordered that could not be kept. */
    private void requirePossible() {
        try {
            options.store().requirePossible(subject);
        } catch (IllegalArgumentException e) {
            throw new IssueException(IssueException.Kind.CONFIGURATION, String.valueOf(e.getMessage()), e);
        }
    }

    private void begin() {
        requirePossible();
        before = record;
        resumes = journal.load().isPresent();
        record =
                remembered.attempts().begin(subject, before, options.scheduler().instant());
    }

    private CompletionStage<CertificateBundle> issue() {
        Issuer issuer = requireNonNull(options.issuers().get(), "the issuer supplier returned null");
        LOG.info("issuing for {} by {}", subject, Text.escape(issuer.issuerKey()));
        IssueRequest request = new IssueRequest(
                subject,
                options.keys().of(subject),
                journal,
                () -> lost || ending.get(),
                predecessor,
                before.refusals());
        tools.asked().accept(issuer);
        return requireNonNull(issuer.issue(request), "the issuer returned null");
    }

    private void issued(@Nullable CertificateBundle bundle, @Nullable Throwable failure) {
        try {
            if (ending.get()) {
                return; // too late; the journal lets the next try pick it up
            }
            if (failure != null && lost) {
                end(held());
                return;
            }
            end(
                    failure == null
                            ? save(check(requireNonNull(bundle, "the issuer gave no bundle")))
                            : failed(failure, null));
        } catch (Throwable e) {
            end(failed(e, null));
        }
    }

    private CertificateBundle check(CertificateBundle bundle) {
        String wrong = null;
        if (!bundle.identifiers().containsAll(subject.identifiers())) {
            wrong = "it is for " + bundle.identifiers();
        } else if (!bundle.hasKeyFor(subject)) {
            wrong = "its key is " + bundle.privateKey().getAlgorithm();
        } else if (!bundle.notAfter().isAfter(options.scheduler().instant())) {
            wrong = "it ended at " + bundle.notAfter() + ", if this machine's clock is right";
        }
        if (wrong == null) {
            return inTime(bundle);
        }
        remembered.leftovers().retire(subject); // or the next try would be given the same one
        throw new IssueException(
                IssueException.Kind.BAD_CERTIFICATE, "the certificate issued for " + subject + " is no good: " + wrong);
    }

    /** One from a CA whose clock is ahead waits, in its order, until it is valid, if there is another to serve meanwhile. */
    private CertificateBundle inTime(CertificateBundle bundle) {
        Instant now = options.scheduler().instant();
        if (!bundle.notBefore().isAfter(now)) {
            return bundle;
        }
        boolean needed = options.store()
                .find(subject)
                .flatMap(StoredBundle::bundle)
                .filter(old -> old.covers(subject) && old.notAfter().isAfter(now))
                .isEmpty();
        if (needed) {
            return bundle;
        }
        throw new IssueException(
                IssueException.Kind.RATE_LIMITED,
                "the new certificate for " + subject + " is not valid before " + bundle.notBefore()
                        + "; the old one is served until then",
                null,
                null,
                bundle.notBefore());
    }

    private Outcome save(CertificateBundle bundle) {
        try {
            if (!requireNonNull(lease, "lease").renew(LEASE)) {
                return held();
            }
            quietly(
                    "note who issued the certificate",
                    () -> remembered
                            .renewals()
                            .issued(subject, bundle, options.scheduler().instant()));
            for (int i = 0; i < SAVE_TRIES; i++) {
                Optional<Revision> saved = options.store().save(subject, bundle, planned);
                if (saved.isPresent()) {
                    return serve(StoredBundle.holding(subject, saved.get(), bundle));
                }
                Optional<Outcome> other = overtaken();
                if (other.isPresent()) {
                    return other.get();
                }
            }
            throw StoreException.retryable(
                    "the entry for " + subject + " changes faster than it can be saved",
                    new IllegalStateException(SAVE_TRIES + " tries to compare and save failed"));
        } catch (RuntimeException | Error e) {
            return failed(e, bundle);
        }
    }

    /** Another process has taken the lease over, and the journal with it: it ends what was begun here. */
    private Outcome held() {
        return new Outcome.Held(remembered.leases().heldFor(leaseName()), planned);
    }

    private String leaseName() {
        return StateKeys.issueLease(StateKeys.segment(subject));
    }

    /** Another writer came first. What it wrote stays if it is good; if not, the caller saves over it. */
    private Optional<Outcome> overtaken() {
        Optional<StoredBundle> theirs = options.store().find(subject);
        if (theirs.isEmpty()) {
            LOG.info("{} was removed while its certificate was being issued; nothing is saved", subject);
            tidy();
            return Optional.of(new Outcome.Gone());
        }
        planned = theirs.get().revision();
        Instant now = options.scheduler().instant();
        if (options.policy().decide(now, LeafTimes.of(theirs.get()), AttemptRecord.NONE, RenewalRecord.NONE)
                instanceof RenewalDecision.LookAgainAt) {
            LOG.info("another writer has saved a good certificate for {}; it stays", subject);
            tools.server().accept(theirs.get());
            tidy();
            return Optional.of(new Outcome.Kept(theirs.get(), true));
        }
        return Optional.empty();
    }

    private Outcome serve(StoredBundle entry) {
        CertificateBundle bundle = entry.bundle().orElseThrow();
        LOG.info("saved a new certificate for {}: serial {}, until {}", subject, bundle.serial(), bundle.notAfter());
        tools.server().accept(entry);
        Instant now = options.scheduler().instant();
        if (isDue(bundle, now)) {
            return new Outcome.Saved(entry, dueAgain(bundle, now));
        }
        tidy();
        return new Outcome.Saved(entry, AttemptRecord.NONE);
    }

    /**
     * A clock that runs ahead makes each new certificate look old: without this, every one would be followed by another. So
     * the next order waits for a day; but not if the bundle may have aged on its way here, in memory or in its order, since
     * then the next one will do. The tries are counted on, so that a clock which is wrong comes to a day in the end, too.
     */
    private AttemptRecord dueAgain(CertificateBundle bundle, Instant now) {
        IssueException odd = unsaved != null || resumes
                ? new IssueException(
                        IssueException.Kind.SERVER,
                        "the certificate for " + subject + " came so late that it is due again already (until "
                                + bundle.notAfter() + ")")
                : new IssueException(
                        IssueException.Kind.BAD_CERTIFICATE,
                        "the new certificate for " + subject + " is due again already (until " + bundle.notAfter()
                                + "): is this machine's clock right?");
        LOG.warn("{}", odd.getMessage());
        AttemptRecord next = remembered.attempts().failed(record, odd, now);
        quietly("keep the attempt record", () -> remembered.attempts().save(subject, next));
        quietly("clear the journal", () -> remembered.leftovers().retire(subject));
        return next;
    }

    private void tidy() {
        quietly("clear the journal", () -> remembered.leftovers().retire(subject));
        quietly("clear the attempt record", () -> remembered.attempts().forget(subject));
    }

    private Outcome failed(Throwable thrown, @Nullable CertificateBundle kept) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        RuntimeException failure = cause instanceof IssueException || cause instanceof StoreException
                ? (RuntimeException) cause
                : new IssueException(IssueException.Kind.SERVER, "issuing for " + subject + " failed: " + cause, cause);
        Instant now = options.scheduler().instant();
        if (failure instanceof IssueException issue && issue.kind() == IssueException.Kind.OVER_BUDGET) {
            return overBudget(issue, now);
        }
        AttemptRecord begun = record.isUnfinished() ? record : record.begun(now, now);
        // To write what was issued is no try of its own: the next order does not wait for how often that failed.
        record = kept == null
                ? remembered.attempts().failed(begun, failure, now)
                : remembered.attempts().unsaved(job.unsaved() == null ? begun : record, failure, now);
        return new Outcome.Failed(failure, record, kept);
    }

    /** Nothing was asked of the CA: what was written down when this try began is taken back. */
    private Outcome overBudget(IssueException failure, Instant now) {
        quietly("take the attempt record back", () -> remembered.attempts().restore(subject, before));
        record = before;
        Instant until = failure.retryAt().filter(now::isBefore).orElse(now.plusSeconds(1));
        return new Outcome.OverBudget(before, String.valueOf(failure.getMessage()), until);
    }

    private void overdue() {
        if (ending.compareAndSet(false, true)) {
            Outcome late = failed(
                    new IssueException(
                            IssueException.Kind.SERVER,
                            "no result for " + subject + " within " + options.attemptTimeout()),
                    unsaved);
            // What hangs may be the store itself: the slot is freed first.
            outcome.complete(late);
            options.executor().execute(() -> conclude(late));
        }
    }

    private void end(Outcome how) {
        if (ending.compareAndSet(false, true)) {
            conclude(how);
            outcome.complete(how);
        }
    }

    private void conclude(Outcome how) {
        if (how instanceof Outcome.Failed failed) {
            quietly("keep the attempt record", () -> remembered.attempts().save(subject, failed.attempts()));
        }
        release();
    }

    private void finish(Outcome how) {
        outcome.complete(how);
        options.executor().execute(this::release);
    }

    private void release() {
        cancel(deadline);
        cancel(keepAlive);
        Lease held = lease;
        if (held != null) {
            quietly("release the lease", held::release);
        }
    }

    private void keepLease() {
        keepAlive = options.scheduler()
                .schedule(
                        LEASE.dividedBy(3),
                        () -> options.executor().execute(() -> {
                            Lease held = lease;
                            if (!ending.get() && held != null) {
                                quietly("renew the lease", () -> lost = !held.renew(LEASE));
                                keepLease();
                            }
                        }));
        if (ending.get()) {
            cancel(keepAlive);
        }
    }

    private void quietly(String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("could not {} of {}; the next run makes up for it", what, subject, e);
        }
    }

    private static void cancel(Scheduler.@Nullable Cancellable task) {
        if (task != null) {
            task.cancel();
        }
    }
}
