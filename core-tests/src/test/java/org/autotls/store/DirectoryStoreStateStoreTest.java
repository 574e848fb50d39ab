package org.autotls.store;

import java.nio.file.Path;
import java.time.InstantSource;
import org.autotls.StateStore;
import org.autotls.testkit.StateStoreContract;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryStoreStateStoreTest extends StateStoreContract {

    @TempDir
    Path directory = Path.of("");

    @Override
    protected StateStore open() {
        return DirectoryStore.open(directory, InstantSource.system()).state();
    }
}
