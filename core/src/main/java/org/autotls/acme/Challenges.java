package org.autotls.acme;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.autotls.Challenge;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.acme.Authorization.Offer;
import org.autotls.acme.Progress.Published;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses challenges, makes them answerable and undoes that (RFC 8555 §8), on the executor since responders may block.
 *
 * <p>What is about to be presented is in the journal before, and what presenting returned is after, so that a later run
 * undoes what a crash left: from the presentation, or, if the crash came between, by presenting again (no error by
 * contract) and undoing that.
 */
final class Challenges {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /** An authorization and the challenge that was made answerable for it. */
    record Chosen(Authorization authorization, Offer offer) {}

    private record Candidate(Responder responder, Offer offer, Challenge challenge) {

        Published planned() {
            return new Published(challenge.type(), challenge.identifier(), challenge.token(), "", false);
        }
    }

    private final Map<String, Responder> responders;

    /** Takes the responders in the user's order; the first of each challenge type wins. */
    Challenges(List<Responder> responders) {
        Map<String, Responder> byType = new LinkedHashMap<>();
        responders.forEach(responder -> byType.putIfAbsent(responder.challengeType(), responder));
        this.responders = byType;
    }

    /** Makes one challenge of each authorization answerable. */
    CompletableFuture<List<Chosen>> present(Issuance issuance, Signer account, List<Authorization> pending) {
        if (pending.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    List<List<Candidate>> candidates = pending.stream()
                            .map(authorization -> candidates(authorization, account.key()))
                            .toList();
                    issuance.recordNow(progress -> progress.withPublished(
                            candidates.stream().map(c -> c.get(0).planned()).toList()));
                    List<Chosen> chosen = new ArrayList<>();
                    List<Published> published = new ArrayList<>();
                    try {
                        for (int i = 0; i < pending.size(); i++) {
                            Offer offer = presentFirst(issuance, candidates.get(i), published);
                            chosen.add(new Chosen(pending.get(i), offer));
                        }
                    } finally {
                        issuance.recordNow(progress -> progress.withPublished(published));
                    }
                    return chosen;
                },
                issuance.executor());
    }

    /** Undoes everything that is published, by this run or an earlier one. Never fails: failures are logged. */
    CompletableFuture<Issuance> cleanUp(Issuance issuance, Signer account) {
        if (issuance.progress().published().isEmpty()) {
            return CompletableFuture.completedFuture(issuance);
        }
        return CompletableFuture.supplyAsync(
                        () -> {
                            issuance.progress().published().forEach(one -> cleanUp(one, account.key()));
                            issuance.recordNow(Progress::withNothingPublished);
                            return issuance;
                        },
                        issuance.executor())
                .exceptionally(failure -> {
                    LOG.warn("Could not note that the challenges of {} are undone", issuance.subject(), failure);
                    return issuance;
                });
    }

    private Offer presentFirst(Issuance issuance, List<Candidate> candidates, List<Published> published) {
        @Nullable RuntimeException first = null;
        for (Candidate candidate : candidates) {
            issuance.checkWanted();
            if (first != null) {
                issuance.recordNow(progress -> progress.withPublished(List.of(candidate.planned())));
            }
            try {
                Presentation presentation = candidate.responder().present(candidate.challenge());
                published.add(candidate.planned().with(presentation));
                return candidate.offer();
            } catch (RuntimeException e) {
                LOG.warn(
                        "{} for {} could not be made answerable: {}",
                        candidate.offer().type(),
                        candidate.challenge().identifier(),
                        e.toString());
                issuance.recordNow(progress -> progress.withoutPublished(List.of(candidate.planned())));
                first = first == null ? e : first;
            }
        }
        throw first instanceof IssueException known
                ? known
                : new IssueException(
                        Kind.UNPROVED,
                        "the " + candidates.get(0).offer().type() + " responder failed for "
                                + candidates.get(0).challenge().identifier(),
                        first);
    }

    /** The challenges that we can answer, best first; at least one. */
    private List<Candidate> candidates(Authorization authorization, AccountKey key) {
        List<Candidate> candidates = new ArrayList<>();
        for (Responder responder : responders.values()) {
            String type = responder.challengeType();
            Optional<Offer> offer = authorization.challenges().stream()
                    .filter(one -> one.type().equals(type) && authorization.canBeProvedBy(type))
                    .findFirst();
            offer.ifPresent(one -> candidates.add(new Candidate(responder, one, challenge(authorization, one, key))));
        }
        if (candidates.isEmpty()) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    "no way to prove " + (authorization.wildcard() ? "*." : "") + authorization.identifier()
                            + ": the CA offers " + authorization.offered() + ", and there are responders for "
                            + responders.keySet());
        }
        return candidates;
    }

    private static Challenge challenge(Authorization authorization, Offer offer, AccountKey key) {
        try {
            return new Challenge(
                    offer.type(), authorization.identifier(), offer.token(), key.keyAuthorization(offer.token()));
        } catch (IllegalArgumentException e) {
            throw new IssueException(Kind.SERVER, "the CA offers a bad challenge: " + e.getMessage(), e);
        }
    }

    private void cleanUp(Published one, AccountKey key) {
        Responder responder = responders.get(one.type());
        if (responder == null) {
            LOG.warn("Nothing is configured that could undo {} for {}", one.type(), one.identifier());
            return;
        }
        try {
            responder.cleanUp(one.presented() ? one.presentation() : responder.present(again(one, key)));
        } catch (RuntimeException e) {
            LOG.warn("Could not undo {} for {}", one.type(), one.identifier(), e);
        }
    }

    private static Challenge again(Published one, AccountKey key) {
        return new Challenge(one.type(), one.identifier(), one.token(), key.keyAuthorization(one.token()));
    }
}
