package org.autotls.store;

import org.autotls.AccountKeyStore;
import org.autotls.testkit.AccountKeyStoreContract;
import org.autotls.testkit.ManualClock;

final class MemoryStoreAccountKeyStoreTest extends AccountKeyStoreContract {

    private final MemoryStore store = new MemoryStore(new ManualClock());

    @Override
    protected AccountKeyStore open() {
        return store;
    }
}
