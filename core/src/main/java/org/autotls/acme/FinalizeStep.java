package org.autotls.acme;

import java.net.URI;
import java.security.KeyPair;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.internal.JsonObject;

/**
 * The finalize step (RFC 8555 §7.4): sends the CSR of a ready order and looks at the order until it is valid.
 *
 * <p>The certificate's key is made here, and is durable before the CSR leaves. Killed after that, the next run finds the
 * order ready (and sends the same key's CSR), processing or valid (and waits or downloads). An order that finalize calls not
 * ready, or that is ready again afterwards, is finalized again. Stateless.
 */
final class FinalizeStep {

    private FinalizeStep() {}

    /** Brings a ready order to valid. */
    static CompletableFuture<Order> run(Issuance issuance, Signer account, Order order) {
        return new Run(issuance, account, new Pace()).advance(order, Optional.empty());
    }

    private record Run(Issuance issuance, Signer account, Pace pace) {

        /** Does what the order's status asks for; {@code last} is the answer that showed it. */
        CompletableFuture<Order> advance(Order order, Optional<Answer> last) {
            return switch (order.status()) {
                case VALID -> CompletableFuture.completedFuture(order);
                case READY -> key().thenCompose(key -> finalizeOrder(order, key));
                case PENDING, PROCESSING -> lookLater(order, last);
                case INVALID -> CompletableFuture.completedFuture(OrderStep.checked(issuance, order));
            };
        }

        private CompletableFuture<KeyPair> key() {
            Optional<KeyPair> kept = issuance.progress().keyPair();
            if (kept.isPresent()) {
                return CompletableFuture.completedFuture(kept.get());
            }
            return CompletableFuture.supplyAsync(
                    () -> {
                        KeyPair made = issuance.newKey();
                        issuance.recordNow(progress -> progress.withKey(made));
                        return made;
                    },
                    issuance.executor());
        }

        private CompletableFuture<Order> finalizeOrder(Order order, KeyPair key) {
            if (order.finalizeUrl().isEmpty()) {
                throw OrderStep.without(order, "finalize");
            }
            byte[] csr = CertificateRequests.encode(issuance.subject(), key);
            String payload = JsonObject.write(Map.of("csr", AccountKey.base64url(csr)));
            return issuance.permitted(order.finalizeUrl(), "the order")
                    .thenCompose(url -> issuance.post(account, url, payload, Transport.JSON_LIMIT))
                    .thenCompose(answer -> finalized(order, answer));
        }

        private CompletableFuture<Order> finalized(Order order, Answer answer) {
            if (answer.isSuccess()) {
                Order shown = Order.parse(order.url(), answer.json(), issuance.subject());
                return shown.status() == Order.Status.READY
                        ? lookLater(order, Optional.of(answer))
                        : advance(OrderStep.checked(issuance, shown), Optional.of(answer));
            }
            if (answer.isProblem("orderNotReady")) {
                return lookLater(order, Optional.of(answer));
            }
            IssueException failure = Failures.of("finalizing the order of " + issuance.subject(), answer);
            if (failure.kind() == Kind.REFUSED) {
                throw new OrderLostException(failure); // the same CSR would be refused again
            }
            throw failure;
        }

        private CompletableFuture<Order> lookLater(Order order, Optional<Answer> last) {
            URI url = order.url();
            return issuance.pause(pace, url, last.flatMap(Answer::retryAfter))
                    .thenCompose(later -> issuance.fetch(account, url))
                    .thenCompose(answer -> advance(OrderStep.read(issuance, answer), Optional.of(answer)));
        }
    }
}
