package org.autotls.store;

import org.autotls.StateStore;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.StateStoreContract;

final class MemoryStoreStateStoreTest extends StateStoreContract {

    private final MemoryStore store = new MemoryStore(new ManualClock());

    @Override
    protected StateStore open() {
        return store;
    }
}
