package org.autotls;

import java.util.Optional;
import org.autotls.internal.StateKeys;

/** The journal of one subject, in a {@link StateStore}. One thread at a time. */
final class OrderJournal implements IssueJournal {

    static final String PREFIX = "orders/";
    static final String DRY_RUN_PREFIX = "dry-runs/";

    private final StateStore state;
    private final String key;
    private Revision revision = Revision.NONE;

    OrderJournal(StateStore state, Subject subject) {
        this(state, key(subject));
    }

    private OrderJournal(StateStore state, String key) {
        this.state = state;
        this.key = key;
    }

    /** The journal of what is only tried. */
    static OrderJournal ofDryRun(StateStore state, Subject subject) {
        return new OrderJournal(state, dryRunKey(subject));
    }

    static String dryRunKey(Subject subject) {
        return DRY_RUN_PREFIX + StateKeys.segment(subject);
    }

    static String key(Subject subject) {
        return PREFIX + StateKeys.segment(subject);
    }

    @Override
    public Optional<String> load() {
        Optional<StateStore.Entry> entry = state.find(key);
        revision = entry.map(StateStore.Entry::revision).orElse(Revision.NONE);
        return entry.map(StateStore.Entry::text);
    }

    @Override
    public void save(String text) {
        // A process that lost its lease loses here too: the journal now belongs to another.
        revision = state.save(key, text, revision)
                .orElseThrow(() -> StoreException.retryable(
                        "the journal '" + key + "' was written by another process; this one stops",
                        new IllegalStateException("compare-and-save of revision " + revision + " failed")));
    }

    @Override
    public void clear() {
        state.delete(key);
        revision = Revision.NONE;
    }
}
