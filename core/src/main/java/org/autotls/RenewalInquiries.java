package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the issuers when they want certificates renewed (RFC 9773 §4.3), beside everything else the service does: no
 * renewal, handshake or start waits for an answer.
 *
 * <p>A certificate's record says when to ask next: at once after it was issued, then as the answers say, or every six hours.
 * However many are due, {@value #LANES} questions at most are under way, and they begin a quarter of a second apart: ten
 * thousand certificates are asked about in three quarters of an hour, and the pace that gives is kept by their answers. A
 * question without an answer frees its lane after two minutes.
 *
 * <p>Before a question is sent the record says so, by compare-and-save: of several nodes one asks, the others read what
 * it was told. A certificate that has expired, and one that has been replaced, is not asked about (§4.3.2).
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #changed} reads the store; no other method blocks.
 */
final class RenewalInquiries {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);

    static final int LANES = 4;
    static final Duration GAP = Duration.ofMillis(250);
    static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration AFTER_TROUBLE = Duration.ofMinutes(10);
    private static final Duration NAP = Duration.ofMinutes(1);
    private static final Duration FAR = Duration.ofDays(2);

    /** One stored certificate whose issuer is known. */
    private static final class Entry {
        final Subject subject;
        final IssuedCertificate certificate;
        final LeafTimes leaf;
        Instant at;

        Entry(Subject subject, IssuedCertificate certificate, LeafTimes leaf, Instant at) {
            this.subject = subject;
            this.certificate = certificate;
            this.leaf = leaf;
            this.at = at;
        }
    }

    private final ServiceOptions options;
    private final Callbacks callbacks;
    private final RenewalRecords records;
    private final BiConsumer<Subject, RenewalRecord> listener;

    // All guarded by this.
    private final Map<Subject, Entry> entries = new HashMap<>();
    private final TreeSet<Entry> waiting =
            new TreeSet<>(Comparator.comparing((Entry entry) -> entry.at).thenComparing(entry -> entry.subject));
    private boolean running;
    private int asking;
    private Instant free = Instant.MIN;
    private Scheduler.@Nullable Cancellable timer;
    private Instant armedFor = Instant.MAX;
    private @Nullable CompletableFuture<Void> round;

    /** {@code listener} is told what is known after each question. */
    RenewalInquiries(ServiceOptions options, Callbacks callbacks, BiConsumer<Subject, RenewalRecord> listener) {
        this.options = options;
        this.callbacks = callbacks;
        this.records = new RenewalRecords(options.state());
        this.listener = listener;
    }

    RenewalRecords records() {
        return records;
    }

    synchronized void start() {
        running = true;
        arm();
    }

    void stop(IssueException reason) {
        CompletableFuture<Void> broken;
        synchronized (this) {
            running = false;
            waiting.clear();
            entries.clear();
            broken = round;
            if (timer != null) {
                timer.cancel();
            }
        }
        if (broken != null) {
            broken.completeExceptionally(reason);
        }
    }

    /**
     * Asks once about all that is stored and due, without a service that runs.
     *
     * @return completes when each answer, or that there is none, is kept; fails if the store cannot be read
     */
    CompletionStage<Void> askOnce() {
        return CompletableFuture.runAsync(() -> options.store().list().keySet().forEach(this::look), options.executor())
                .thenCompose(known -> beginRound());
    }

    private void look(Subject subject) {
        try {
            options.store().find(subject).ifPresent(this::changed);
        } catch (StoreException e) {
            LOG.warn("the entry for {} cannot be read; its issuer is not asked", subject, e);
        }
    }

    private CompletionStage<Void> beginRound() {
        CompletableFuture<Void> begun;
        synchronized (this) {
            begun = round == null ? new CompletableFuture<>() : round;
            round = begun;
        }
        start();
        endRound();
        return begun;
    }

    private void endRound() {
        CompletableFuture<Void> ended;
        synchronized (this) {
            Instant now = options.scheduler().instant();
            if (asking > 0 || isFirstDue(now)) {
                return;
            }
            ended = round;
            round = null;
        }
        if (ended != null) {
            ended.complete(null);
        }
    }

    /** The store holds this now: from now on this certificate is asked about, and not the one before. */
    RenewalRecord changed(StoredBundle stored) {
        RenewalRecord record;
        try {
            record = records.find(stored);
        } catch (StoreException e) {
            LOG.warn("the renewal record of {} cannot be read; its certificate's own times count", stored.subject(), e);
            record = RenewalRecord.NONE;
        }
        Instant at = record.askAt(options.scheduler().instant());
        Optional<IssuedCertificate> certificate = record.certificate();
        synchronized (this) {
            forget(stored.subject());
            certificate.ifPresent(known -> {
                Entry entry = new Entry(stored.subject(), known, LeafTimes.of(stored), at);
                entries.put(stored.subject(), entry);
                waiting.add(entry);
                arm();
            });
        }
        return record;
    }

    synchronized void removed(Subject subject) {
        forget(subject);
    }

    private void forget(Subject subject) {
        Entry known = entries.remove(subject);
        if (known != null) {
            waiting.remove(known);
        }
    }

    // ---- The turns: each begins one question, if one is due and a lane is free, and arms the timer for the next.

    private synchronized void arm() {
        if (!running || asking >= LANES || waiting.isEmpty()) {
            return;
        }
        Instant now = options.scheduler().instant();
        Instant due = waiting.first().at;
        Instant next = due.isBefore(free) ? free : due;
        Instant at =
                next.isAfter(now.plus(NAP)) ? now.plus(NAP) : next; // the wall clock may jump, or the machine sleep
        if (timer != null && !at.isBefore(armedFor)) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        armedFor = at;
        timer = options.scheduler().schedule(Duration.between(now, at), this::turn);
    }

    private void turn() {
        Optional<Entry> due = take();
        due.ifPresent(entry -> {
            try {
                options.executor().execute(() -> ask(entry));
            } catch (RejectedExecutionException e) {
                LOG.debug("{} is not asked about: the executor refuses work", entry.subject, e);
                land(entry, options.scheduler().instant().plus(AFTER_TROUBLE));
            }
        });
        arm();
        endRound(); // what has expired is not asked about
    }

    private synchronized Optional<Entry> take() {
        timer = null;
        armedFor = Instant.MAX;
        Instant now = options.scheduler().instant();
        while (running && asking < LANES && isFirstDue(now)) {
            Entry entry = requireNonNull(waiting.pollFirst());
            if (now.isBefore(entry.leaf.notAfter())) {
                asking++;
                free = now.plus(GAP);
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** What is further away than any answer may say was put there by a clock that ran ahead. */
    private boolean isFirstDue(Instant now) {
        return !waiting.isEmpty()
                && (!waiting.first().at.isAfter(now) || waiting.first().at.isAfter(now.plus(FAR)));
    }

    private void ask(Entry entry) {
        try {
            new RenewalInquiry(options, records, callbacks, entry.subject, entry.certificate, entry.leaf)
                    .run()
                    .whenComplete((record, failure) -> answered(entry, record, failure));
        } catch (RuntimeException | Error e) {
            answered(entry, null, e);
        }
    }

    private void answered(Entry entry, @Nullable RenewalRecord record, @Nullable Throwable failure) {
        Instant now = options.scheduler().instant();
        if (record == null) {
            LOG.warn("could not ask when to renew {}; it is tried again later", entry.subject, failure);
            land(entry, now.plus(AFTER_TROUBLE));
        } else if (record.exists()) {
            listener.accept(entry.subject, record);
            land(entry, record.askAt(now));
        } else {
            land(entry, now.plus(RenewalInformation.ASK_AGAIN)); // replaced; the store's watch brings the new one
        }
    }

    private void land(Entry entry, Instant next) {
        synchronized (this) {
            asking--;
            if (entries.get(entry.subject) == entry) {
                entry.at = next;
                waiting.add(entry);
            }
        }
        arm();
        endRound();
    }
}
