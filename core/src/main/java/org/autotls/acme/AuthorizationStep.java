package org.autotls.acme;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;

/**
 * The authorization step (RFC 8555 §7.5): proves control of each identifier that the CA does not hold for proved.
 *
 * <ol>
 *   <li>Look at every authorization; one that is valid needs nothing.
 *   <li>Make a challenge of each other one answerable ({@link Challenges#present}, durable first).
 *   <li>Tell the CA to look (§7.5.1), and look at the authorization until it is final.
 *   <li>Undo what was made answerable, whether that went well or not, and what an earlier run left.
 * </ol>
 *
 * <p>Safe to repeat from any point: presenting again is no error, and an authorization that has moved on is taken as it is.
 */
final class AuthorizationStep {

    /** How many of one order's authorizations are worked on at a time. */
    private static final int LANES = 10;

    private final Challenges challenges;

    AuthorizationStep(Challenges challenges) {
        this.challenges = challenges;
    }

    CompletableFuture<Order> run(Issuance issuance, Signer account, Order order) {
        if (order.status() != Order.Status.PENDING) {
            return challenges.cleanUp(issuance).thenApply(clean -> order);
        }
        if (order.authorizations().isEmpty()) {
            return CompletableFuture.failedFuture(OrderStep.without(order, "authorizations"));
        }
        Proof proof = new Proof(issuance, account, new AtomicBoolean());
        return Async.inLanes(order.authorizations(), LANES, proof::read)
                .thenCompose(found -> challenges.present(issuance, account, pending(found)))
                .thenCompose(chosen -> Async.inLanes(chosen, LANES, proof::prove))
                .handle((done, failure) -> challenges.cleanUp(issuance).thenApply(clean -> {
                    if (failure != null) {
                        throw new CompletionException(Async.unwrap(failure));
                    }
                    return order.proved();
                }))
                .thenCompose(stage -> stage);
    }

    private static List<Authorization> pending(List<Authorization> found) {
        found.forEach(AuthorizationStep::checkNotDead);
        return found.stream().filter(Authorization::isPending).toList();
    }

    /** Invalid, deactivated, expired, revoked or unheard of: this order can never become ready (§7.1.6). */
    private static void checkNotDead(Authorization authorization) {
        if (!authorization.isPending() && !authorization.isValid()) {
            throw new OrderLostException(Failures.ofValidation(
                    "control of " + authorization.identifier() + " was not proved, its authorization is '"
                            + Text.escape(authorization.status()) + "'",
                    authorization.error().orElse(null)));
        }
    }

    /**
     * The proofs of one order.
     *
     * @param failed set when one of them failed: the order is dead, and the others stop looking
     */
    private record Proof(Issuance issuance, Signer account, AtomicBoolean failed) {

        CompletableFuture<Authorization> read(String url) {
            return issuance.permitted(url, "the order").thenCompose(this::look);
        }

        CompletableFuture<Authorization> prove(Challenges.Chosen chosen) {
            Pace pace = new Pace();
            return tell(chosen)
                    .thenCompose(told -> told.isSuccess()
                            ? poll(chosen.authorization(), pace, told.retryAfter())
                            : lookOnce(chosen.authorization(), pace, told))
                    .whenComplete((done, failure) -> failed.compareAndSet(false, failure != null));
        }

        /** Says that the challenge can be looked at, unless the CA is at it already (§8.2). */
        private CompletableFuture<Answer> tell(Challenges.Chosen chosen) {
            return issuance.permitted(chosen.offer().url(), "the authorization").thenCompose(url -> {
                if (!chosen.offer().isPending()) {
                    return issuance.fetch(account, url);
                }
                issuance.validationBegins();
                return issuance.post(account, url, "{}", Transport.JSON_LIMIT);
            });
        }

        private CompletableFuture<Authorization> look(URI url) {
            return issuance.fetch(account, url).thenApply(answer -> seen(url, answer));
        }

        private Authorization seen(URI url, Answer answer) {
            if (!answer.isSuccess()) {
                IssueException failure = Failures.of("reading an authorization of " + issuance.subject(), answer);
                if (answer.isGone()) {
                    throw new OrderLostException(failure);
                }
                throw failure;
            }
            return ordered(Authorization.parse(url, answer.json()));
        }

        /** Nothing is published for a name that nobody ordered: it may be another name of this user's. */
        private Authorization ordered(Authorization authorization) {
            String name = authorization.identifier().value();
            boolean ours = issuance.subject().identifiers().stream()
                    .anyMatch(own -> own.value().equals(name) || own.value().equals("*." + name));
            if (!ours) {
                throw new IssueException(
                        Kind.SERVER,
                        "authorization " + authorization.url() + " is for " + name + ", but we ordered "
                                + issuance.subject());
            }
            return authorization;
        }

        private CompletableFuture<Authorization> poll(Authorization last, Pace pace, Optional<Duration> retryAfter) {
            return issuance.pause(pace, last.url(), retryAfter)
                    .thenCompose(later -> issuance.fetch(account, last.url()))
                    .thenCompose(answer -> {
                        Authorization now = seen(last.url(), answer);
                        checkNotDead(now);
                        if (now.isValid()) {
                            return CompletableFuture.completedFuture(now);
                        }
                        if (failed.get()) {
                            throw new IssueException(Kind.SERVER, "another authorization of this order failed");
                        }
                        return poll(now, pace, answer.retryAfter());
                    });
        }

        /**
         * Looks once after a refusal to be told: the CA may have looked already, because an earlier run told it so. If the
         * authorization still waits, the refusal counts.
         */
        private CompletableFuture<Authorization> lookOnce(Authorization last, Pace pace, Answer refusal) {
            return issuance.pause(pace, last.url(), Optional.empty())
                    .thenCompose(later -> look(last.url()))
                    .thenApply(now -> {
                        checkNotDead(now);
                        if (now.isPending()) {
                            throw Failures.of("answering the challenge of " + now.identifier(), refusal);
                        }
                        return now;
                    });
        }
    }
}
