package org.autotls.acme;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order step (RFC 8555 §7.4): goes on with the order of an earlier run, or places a new one, whose URL is durable
 * before anything is built on it. Killed between newOrder's answer and the journal, one order is orphaned; many CAs give it
 * back. Stateless.
 */
final class OrderStep {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    private OrderStep() {}

    static CompletableFuture<Order> run(Issuance issuance, Signer account, OrderOptions options) {
        return issuance.progress().hasOrder() ? resume(issuance, account) : place(issuance, account, options);
    }

    /**
     * Reads an order again.
     *
     * @return the order; fails with {@link OrderLostException} if it is invalid or no longer there
     */
    static Order read(Issuance issuance, Answer answer) {
        int status = answer.status();
        boolean refused = status >= 400 && status < 500 && status != 408 && status != 429;
        if (refused && !answer.isProblem("rateLimited")) {
            throw new OrderLostException(Failures.of("reading the order of " + issuance.subject(), answer));
        }
        if (!answer.isSuccess()) {
            throw Failures.of("reading the order of " + issuance.subject(), answer);
        }
        return checked(issuance, Order.parse(answer.url(), answer.json(), issuance.subject()));
    }

    /** Fails with {@link OrderLostException} if the order is invalid. */
    static Order checked(Issuance issuance, Order order) {
        if (order.status() == Order.Status.INVALID) {
            throw new OrderLostException(Failures.ofValidation(
                    "order " + order.url() + " for " + issuance.subject() + " is invalid",
                    order.error().orElse(null)));
        }
        return order;
    }

    private static CompletableFuture<Order> resume(Issuance issuance, Signer account) {
        String url = issuance.progress().order();
        return issuance.directory()
                .thenApply(directory -> journalled(url, directory))
                .thenCompose(order -> issuance.fetch(account, order))
                .thenApply(answer -> {
                    Order order = read(issuance, answer);
                    LOG.info("Resuming order {} for {}, {}", url, issuance.subject(), order.status());
                    return order;
                });
    }

    /** An order at a URL that this CA's directory does not vouch for any more is lost. */
    private static URI journalled(String url, Directory directory) {
        try {
            return directory.permitted(url, "the journal");
        } catch (IssueException e) {
            throw new OrderLostException(e);
        }
    }

    private static CompletableFuture<Order> place(Issuance issuance, Signer account, OrderOptions options) {
        return issuance.directory().thenCompose(directory -> {
            Optional<String> predecessor = directory.renewalInfo().flatMap(asks -> issuance.predecessor(account));
            return place(
                    issuance,
                    account,
                    options,
                    NewOrder.of(issuance.subject(), options.profile(), directory, predecessor));
        });
    }

    private static CompletableFuture<Order> place(
            Issuance issuance, Signer account, OrderOptions options, NewOrder order) {
        CompletableFuture<Answer> posted = spend(issuance, account, options, order)
                .thenCompose(spent -> issuance.postNewOrder(account, order.payload()));
        return posted.thenCompose(answer -> {
            if (answer.isSuccess()) {
                return issuance.permitted(answer.location(), "newOrder")
                        .thenCompose(url -> keep(issuance, url, answer));
            }
            IssueException refusal = Failures.of("ordering " + issuance.subject(), answer);
            NewOrder instead = order.instead(answer).orElseThrow(() -> refusal);
            LOG.warn("{}; ordering again by {}", refusal.getMessage(), instead.payload());
            return place(issuance, account, options, instead);
        });
    }

    /** Takes an order from the budget. One that the CA then refuses is spent, too, as it may be at the CA. */
    private static CompletableFuture<Void> spend(
            Issuance issuance, Signer account, OrderOptions options, NewOrder order) {
        if (options.renewalsExempt() && order.replaces().isPresent()) {
            return CompletableFuture.completedFuture(null);
        }
        return options.budget()
                .take(issuance.origin(account).text())
                .toCompletableFuture()
                .thenAccept(wait -> wait.ifPresent(until -> {
                    throw new IssueException(
                            Kind.OVER_BUDGET,
                            "ordering " + issuance.subject() + " waits until " + until + ": the orders that "
                                    + account.url().getHost() + " allows this account are used up",
                            null,
                            null,
                            until);
                }));
    }

    private static CompletableFuture<Order> keep(Issuance issuance, URI url, Answer answer) {
        Order order = Order.parse(url, answer.json(), issuance.subject());
        return issuance.record(progress -> progress.withOrder(url.toString())).thenApply(kept -> {
            LOG.info("Placed order {} for {}", url, issuance.subject());
            return checked(issuance, order);
        });
    }

    /** The failure of an order that lacks a URL it must have in its state. */
    static IssueException without(Order order, String what) {
        return new IssueException(Kind.SERVER, "order " + order.url() + " is " + order.status() + " without " + what);
    }
}
