package org.autotls;

import java.util.Optional;
import org.autotls.internal.StateKeys;

/** The journal of one subject, in a {@link StateStore}. One thread at a time. */
final class OrderJournal implements IssueJournal {

    static final String PREFIX = "orders/";

    private final StateStore state;
    private final String key;
    private Revision revision = Revision.NONE;

    OrderJournal(StateStore state, Subject subject) {
        this.state = state;
        this.key = key(subject);
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
