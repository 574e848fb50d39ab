package org.autotls.store;

import java.nio.file.Path;
import java.time.InstantSource;
import org.autotls.AccountKeyStore;
import org.autotls.testkit.AccountKeyStoreContract;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryStoreAccountKeyStoreTest extends AccountKeyStoreContract {

    @TempDir
    Path directory = Path.of("");

    @Override
    protected AccountKeyStore open() {
        return DirectoryStore.open(directory, InstantSource.system()).accountKeys();
    }
}
