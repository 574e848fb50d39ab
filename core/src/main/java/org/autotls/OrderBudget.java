package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * How many orders may still be placed at one CA before it would refuse them. An {@link Issuer} takes a place for each order,
 * just before it places it.
 *
 * <p>An order needs a place in several budgets: that of its account, that of each registered domain among its names, and that
 * of exactly these names. It gets all of them or none.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks.
 */
public interface OrderBudget {

    /** Counts nothing. */
    OrderBudget UNLIMITED = (account, subject) -> CompletableFuture.completedStage(Optional.empty());

    /**
     * Why an order has to wait. Immutable.
     *
     * @param until when to ask again
     * @param why which limit is reached, such as {@code certificates for example.com are used up}
     */
    record Wait(Instant until, String why) {
        /** Checks the values. */
        public Wait {
            requireNonNull(until, "until");
            requireNonNull(why, "why");
        }
    }

    /**
     * Makes a budget that survives restarts and is shared by all who share the store: one small text for each CA, written once
     * for all orders that are placed together.
     *
     * @param state where it is kept
     * @param ca what names the CA, for all time
     * @param limits what the CA publishes; a fiftieth of each, at least one, is kept back, since its clock and the way there
     *     differ
     * @param names knows registered domains; of names whose domain it does not know, those are not counted
     * @param executor for reading and writing
     * @return the budget
     */
    static OrderBudget stored(StateStore state, String ca, OrderLimits limits, DomainNames names, Executor executor) {
        return limits.equals(OrderLimits.NONE) ? UNLIMITED : new StoredOrderBudget(state, ca, limits, names, executor);
    }

    /**
     * Takes the right to place one order.
     *
     * @param account what names the account, for all time
     * @param subject what is ordered
     * @return completes with nothing if it is taken, else with when to ask again; fails with {@link StoreException}
     */
    CompletionStage<Optional<Wait>> take(String account, Subject subject);

    /**
     * Gives back what was taken for names, after an order that is over without a certificate: CAs count those. What was taken
     * for the account stays spent. Default: does nothing.
     *
     * @param subject what was ordered
     * @return completes when it is given back; fails with {@link StoreException}
     */
    default CompletionStage<Void> giveBack(Subject subject) {
        return CompletableFuture.completedStage(null);
    }

    /**
     * Returns what is left, as far as this process knows: others may have taken from it.
     *
     * @param now the present
     * @return what the account that was last asked for has
     */
    default OrderAllowance allowance(Instant now) {
        return OrderAllowance.UNLIMITED;
    }

    /**
     * Returns what is left for one subject, as far as this process knows.
     *
     * @param subject what would be ordered
     * @param now the present
     * @return at most {@link #allowance(Instant)}
     */
    default OrderAllowance allowance(Subject subject, Instant now) {
        return allowance(now);
    }
}
