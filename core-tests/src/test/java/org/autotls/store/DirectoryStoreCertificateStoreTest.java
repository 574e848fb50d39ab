package org.autotls.store;

import java.nio.file.Path;
import java.time.InstantSource;
import org.autotls.CertificateStore;
import org.autotls.testkit.CertificateStoreContract;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryStoreCertificateStoreTest extends CertificateStoreContract {

    @TempDir
    Path directory = Path.of("");

    @Override
    protected CertificateStore open() {
        return DirectoryStore.open(directory, InstantSource.system());
    }
}
