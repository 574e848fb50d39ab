package org.autotls;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * How many orders accounts at one CA may still place before the CA would refuse them. An {@link Issuer} takes one place for
 * each order, just before it places it.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks.
 */
public interface OrderBudget {

    /** Counts nothing. */
    OrderBudget UNLIMITED = account -> CompletableFuture.completedStage(Optional.empty());

    /**
     * Makes a budget that survives restarts and is shared by all who share the store: one small text for each account,
     * written once for all orders that are placed together.
     *
     * @param state where it is kept
     * @param limit what the CA publishes; a fiftieth of it is kept back, since its clock and the way there differ
     * @param executor for reading and writing
     * @return the budget
     */
    static OrderBudget stored(StateStore state, RateLimit limit, Executor executor) {
        return limit.equals(RateLimit.NONE) ? UNLIMITED : new StoredOrderBudget(state, limit, executor);
    }

    /**
     * Takes the right to place one order.
     *
     * @param account what names the account and its CA, for all time
     * @return completes with nothing if it is taken, else with when to ask again; fails with {@link StoreException}
     */
    CompletionStage<Optional<Instant>> take(String account);

    /**
     * Returns what is left, as far as this process knows: others may have taken from it.
     *
     * @param now the present
     * @return what the account that was last asked for has
     */
    default OrderAllowance allowance(Instant now) {
        return OrderAllowance.UNLIMITED;
    }
}
