package org.autotls.store;

import org.autotls.CertificateStore;
import org.autotls.testkit.CertificateStoreContract;
import org.autotls.testkit.ManualClock;

final class MemoryStoreCertificateStoreTest extends CertificateStoreContract {

    private final MemoryStore store = new MemoryStore(new ManualClock());

    @Override
    protected CertificateStore open() {
        return store;
    }
}
