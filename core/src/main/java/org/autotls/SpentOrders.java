package org.autotls;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.autotls.OrderBudget.Wait;

/**
 * What is kept in a store of the orders that were placed lately, for those who look from outside. Immutable.
 *
 * <p>Which CA would be asked is not known here: an order has to wait if it would at all of those that were asked lately.
 */
final class SpentOrders {

    private final List<OrderLedger> ledgers;
    private final Instant now;

    private SpentOrders(List<OrderLedger> ledgers, Instant now) {
        this.ledgers = ledgers;
        this.now = now;
    }

    /**
     * Reads.
     *
     * @throws StoreException if the store cannot be read
     */
    static SpentOrders read(StateStore state, Instant now) {
        List<OrderLedger> used = new ArrayList<>();
        for (String key : state.keys(StoredOrderBudget.PREFIX)) {
            state.find(key).flatMap(entry -> OrderLedger.parse(entry.text())).ifPresent(ledger -> {
                ledger.settle(now);
                if (!ledger.isFull()) {
                    used.add(ledger);
                }
            });
        }
        return new SpentOrders(used, now);
    }

    /** Until when all orders have to wait, whatever they are about; empty if some need not. */
    Optional<Wait> forAll() {
        return soonest(ledgers.stream().map(this::forAccounts).toList());
    }

    /** Until when an order for this subject has to wait. */
    Optional<Wait> forSubject(Subject subject, DomainNames names) {
        if (ledgers.isEmpty()) {
            return Optional.empty();
        }
        List<OrderPlace> places = OrderPlace.ofNames(subject, names);
        return soonest(ledgers.stream()
                .map(ledger -> latest(forAccounts(ledger), ledger.waitFor(places, now)))
                .toList());
    }

    /** Which account would order is not known, either. */
    private Optional<Wait> forAccounts(OrderLedger ledger) {
        return soonest(ledger.accounts().stream()
                .map(account -> ledger.waitFor(List.of(account), now))
                .toList());
    }

    /** Empty if one of them is, or there are none. */
    private static Optional<Wait> soonest(List<Optional<Wait>> all) {
        return all.stream().anyMatch(Optional::isEmpty)
                ? Optional.empty()
                : all.stream().flatMap(Optional::stream).min(Comparator.comparing(Wait::until));
    }

    private static Optional<Wait> latest(Optional<Wait> one, Optional<Wait> other) {
        boolean later = one.isPresent()
                && (other.isEmpty() || one.get().until().isAfter(other.get().until()));
        return later ? one : other;
    }
}
