package org.autotls.acme;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.acme.Authorization.Offer;
import org.autotls.acme.Progress.Published;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses challenges, makes them answerable and undoes that (RFC 8555 §8), on the executor since responders may block.
 *
 * <p>What is about to be presented is in the journal before, and what presenting returned is after, so that a later run
 * undoes what a crash left: from the presentation, or, if the crash came between, by {@link Responder#undo}. What another
 * issuance of this process needs, too, is left to that one ({@link AnswersInUse}).
 */
final class Challenges {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /** An authorization and the challenge that was made answerable for it. */
    record Chosen(Authorization authorization, Offer offer) {}

    private record Candidate(Responder responder, Offer offer, Challenge challenge) {

        Published planned() {
            return new Published(challenge.type(), challenge.identifier(), challenge.token(), needed(challenge), false);
        }
    }

    /** What undoing needs of a challenge besides type, identifier and token. A URL holds no blank. */
    private static String needed(Challenge challenge) {
        return challenge.keyAuthorization() + " " + challenge.account() + " " + String.join(" ", challenge.issuers());
    }

    private static Challenge again(Published one) {
        List<String> needed = List.of(one.value().split(" ", -1));
        return new Challenge(
                one.type(),
                one.identifier(),
                one.token(),
                needed.get(0),
                needed.size() > 1 ? needed.get(1) : "",
                needed.stream().skip(2).filter(issuer -> !issuer.isEmpty()).toList());
    }

    /**
     * One authorization on its way through its candidates.
     *
     * @param index the candidate at hand
     * @param failure why the first candidate failed; null if none did
     * @param last why the candidate at hand failed; null unless it was tried and did
     * @param presentation what presenting the candidate at hand returned; null unless it was tried and succeeded
     */
    private record Try(
            Authorization authorization,
            List<Candidate> candidates,
            int index,
            @Nullable RuntimeException failure,
            @Nullable RuntimeException last,
            @Nullable Presentation presentation) {

        Try(Authorization authorization, List<Candidate> candidates, int index, @Nullable RuntimeException failure) {
            this(authorization, candidates, index, failure, null, null);
        }

        Candidate candidate() {
            return candidates.get(index);
        }

        boolean succeeded() {
            return presentation != null;
        }

        Chosen chosen() {
            return new Chosen(authorization, candidate().offer());
        }

        Try with(Presentation done) {
            return new Try(authorization, candidates, index, failure, null, requireNonNull(done, "presentation"));
        }

        Try with(RuntimeException thrown) {
            return new Try(authorization, candidates, index, failure == null ? thrown : failure, thrown, null);
        }
    }

    /** How many of one order's challenges are presented at a time. */
    private static final int LANES = 10;

    private final Map<String, Responder> responders;
    private final AnswersInUse inUse = new AnswersInUse();

    /** Takes the responders in the user's order; the first of each challenge type wins. */
    Challenges(List<Responder> responders) {
        Map<String, Responder> byType = new LinkedHashMap<>();
        responders.forEach(responder -> byType.putIfAbsent(responder.challengeType(), responder));
        this.responders = byType;
    }

    /**
     * Checks, before there is an order, that each identifier could be proved by something that is answered here. Without
     * responders, the CA is trusted to hold everything for proved.
     *
     * @throws IssueException {@code CONFIGURATION}: whatever the CA offered, this one would be left
     */
    void checkAnswerable(Subject subject) {
        for (Identifier identifier : subject.identifiers()) {
            boolean answerable =
                    responders.keySet().stream().anyMatch(type -> Authorization.canProve(type, identifier, false));
            if (!answerable && !responders.isEmpty()) {
                throw unprovable(identifier.value(), "");
            }
        }
    }

    private IssueException unprovable(String name, String offered) {
        String hint = name.startsWith("*.") ? "; a wildcard needs --challenge dns-01:..." : "";
        return new IssueException(
                Kind.CONFIGURATION,
                "no way to prove " + name + ": " + offered + "answered here are " + responders.keySet() + hint);
    }

    /**
     * Makes one challenge of each authorization answerable, several at a time: a responder may take minutes. Those whose
     * responder fails go into a next round with their next best one.
     */
    CompletableFuture<List<Chosen>> present(Issuance issuance, Signer account, List<Authorization> pending) {
        if (pending.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        return CompletableFuture.supplyAsync(
                        () -> pending.stream()
                                .map(authorization ->
                                        new Try(authorization, candidates(authorization, account), 0, null))
                                .toList(),
                        issuance.executor())
                .thenCompose(tries -> round(issuance, tries, List.of()));
    }

    /** The journal is written before and after a round, never during one. */
    private CompletableFuture<List<Chosen>> round(Issuance issuance, List<Try> tries, List<Chosen> before) {
        return issuance.record(progress -> progress.withPublished(
                        tries.stream().map(one -> one.candidate().planned()).toList()))
                .thenCompose(noted -> Async.inLanes(
                        tries,
                        LANES,
                        one -> inUse.take(one.candidate().planned(), issuance)
                                .thenApplyAsync(free -> presentOne(issuance, one), issuance.executor())))
                .thenCompose(tried -> issuance.record(progress -> noted(issuance, progress, tried))
                        .thenCompose(noted -> {
                            List<Chosen> chosen = new ArrayList<>(before);
                            tried.stream()
                                    .filter(Try::succeeded)
                                    .map(Try::chosen)
                                    .forEach(chosen::add);
                            List<Try> again = tried.stream()
                                    .filter(one -> !one.succeeded())
                                    .map(Challenges::next)
                                    .toList();
                            return again.isEmpty()
                                    ? CompletableFuture.completedFuture(chosen)
                                    : round(issuance, again, chosen);
                        }));
    }

    /** A responder that was interrupted may have left something: that stays planned, and is undone later. */
    private Progress noted(Issuance issuance, Progress progress, List<Try> tried) {
        List<Published> done = tried.stream()
                .filter(Try::succeeded)
                .map(one -> one.candidate().planned().with(requireNonNull(one.presentation(), "presentation")))
                .toList();
        List<Published> failed = tried.stream()
                .filter(one -> !one.succeeded() && !isStopped(one.last()))
                .map(one -> one.candidate().planned())
                .toList();
        failed.forEach(one -> inUse.drop(one, issuance));
        return progress.withPublished(done).withoutPublished(failed);
    }

    /**
     * Undoes everything that is published, by this run or an earlier one. Never fails: failures are logged, and what could
     * not be undone stays in the journal for the next run, or for {@link AcmeIssuer#cleanUp}.
     */
    CompletableFuture<Issuance> cleanUp(Issuance issuance) {
        List<Published> all = issuance.progress().published();
        if (all.isEmpty()) {
            return CompletableFuture.completedFuture(issuance);
        }
        return undo(all, one -> undoUnlessInUse(one, issuance), issuance.executor())
                .thenCompose(undone -> issuance.record(progress -> progress.withoutPublished(undone)))
                .exceptionally(failure -> {
                    LOG.warn("Could not note that the challenges of {} are undone", issuance.subject(), failure);
                    return issuance;
                });
    }

    /**
     * Undoes what an issuance left that is over.
     *
     * @return those that are undone; fails only if the executor refuses work
     */
    CompletableFuture<List<Published>> undo(List<Published> all, Executor executor) {
        return undo(all, this::undo, executor);
    }

    private static CompletableFuture<List<Published>> undo(
            List<Published> all, Predicate<Published> undo, Executor executor) {
        return Async.inLanes(
                        all,
                        LANES,
                        one -> CompletableFuture.supplyAsync(
                                () -> undo.test(one) ? List.of(one) : List.<Published>of(), executor))
                .thenApply(undone -> undone.stream().flatMap(List::stream).toList());
    }

    private Try presentOne(Issuance issuance, Try one) {
        Candidate candidate = one.candidate();
        try {
            issuance.checkWanted();
            return one.with(candidate.responder().present(candidate.challenge()));
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} for {} could not be made answerable: {}",
                    candidate.offer().type(),
                    candidate.challenge().identifier(),
                    e instanceof IssueException ? e.getMessage() : e.toString());
            return one.with(e);
        }
    }

    /** The next best candidate. If there is none, or nobody wants it any more, the first failure is told. */
    private static Try next(Try failed) {
        RuntimeException first = requireNonNull(failed.failure(), "failure");
        if (!isStopped(failed.last())
                && failed.index() + 1 < failed.candidates().size()) {
            return new Try(failed.authorization(), failed.candidates(), failed.index() + 1, first);
        }
        Candidate best = failed.candidates().get(0);
        throw isStopped(failed.last()) || first instanceof IssueException
                ? requireNonNull(isStopped(failed.last()) ? failed.last() : first, "failure")
                : new IssueException(
                        Kind.UNPROVED,
                        "the " + best.offer().type() + " responder failed for "
                                + best.challenge().identifier(),
                        first);
    }

    private static boolean isStopped(@Nullable RuntimeException failure) {
        return failure instanceof IssueException known && known.kind() == Kind.STOPPED;
    }

    /** The challenges that we can answer, best first; at least one. */
    private List<Candidate> candidates(Authorization authorization, Signer account) {
        List<Candidate> candidates = new ArrayList<>();
        for (Responder responder : responders.values()) {
            String type = responder.challengeType();
            Optional<Offer> offer = authorization.challenges().stream()
                    .filter(one -> one.type().equals(type) && authorization.canBeProvedBy(type))
                    .findFirst();
            offer.ifPresent(
                    one -> candidates.add(new Candidate(responder, one, challenge(authorization, one, account))));
        }
        if (candidates.isEmpty()) {
            throw unprovable(
                    (authorization.wildcard() ? "*." : "") + authorization.identifier(),
                    "the CA offers " + authorization.offered() + ", and ");
        }
        return candidates;
    }

    private static Challenge challenge(Authorization authorization, Offer offer, Signer account) {
        String url = account.url().toString();
        // A record for another account would let that one certify our name for as long as the record stands.
        if (!offer.account().isEmpty() && !offer.account().equals(url)) {
            throw new IssueException(
                    Kind.SERVER,
                    "the CA offers " + offer.type() + " to the account " + Text.escape(offer.account())
                            + ", which is not ours (" + url + ")");
        }
        try {
            boolean persists = offer.token().isEmpty();
            return new Challenge(
                    offer.type(),
                    persists ? authorization.proved() : authorization.identifier(),
                    offer.token(),
                    persists ? "" : account.key().keyAuthorization(offer.token()),
                    url,
                    offer.issuers());
        } catch (IllegalArgumentException e) {
            throw new IssueException(Kind.SERVER, "the CA offers a bad challenge: " + e.getMessage(), e);
        }
    }

    /** Tells whether it is undone, or left to another issuance to undo. */
    private boolean undoUnlessInUse(Published one, Issuance issuance) {
        if (!inUse.release(one, issuance)) {
            LOG.debug("{} for {} stays: another order has the same challenge", one.type(), one.identifier());
            return true;
        }
        try {
            return undo(one);
        } finally {
            inUse.undone(one);
        }
    }

    private boolean undo(Published one) {
        Responder responder = responders.get(one.type());
        if (responder == null) {
            LOG.warn("Nothing is configured that could undo {} for {}", one.type(), one.identifier());
            return false;
        }
        try {
            if (one.presented()) {
                responder.cleanUp(one.presentation());
            } else {
                responder.undo(again(one));
            }
            return true;
        } catch (RuntimeException e) {
            LOG.warn("Could not undo {} for {}; it is tried again", one.type(), one.identifier(), e);
            return false;
        }
    }
}
