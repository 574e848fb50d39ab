package org.autotls.testkit;

import java.util.Optional;
import org.autotls.IssueJournal;
import org.jspecify.annotations.Nullable;

/**
 * An {@link IssueJournal} in memory: what a later run of the same test finds.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class MemoryJournal implements IssueJournal {

    private volatile @Nullable String text;

    /** Makes an empty journal. */
    public MemoryJournal() {}

    @Override
    public Optional<String> load() {
        return Optional.ofNullable(text);
    }

    @Override
    public void save(String saved) {
        text = saved;
    }

    @Override
    public void clear() {
        text = null;
    }
}
