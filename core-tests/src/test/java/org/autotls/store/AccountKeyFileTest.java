package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.autotls.KeyType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One key for all CAs, until it is changed at one of them. */
class AccountKeyFileTest {

    private static final String ONE = "https://one.example/directory";
    private static final String TWO = "https://two.example:8443/directory";

    @TempDir
    private Path dir = Path.of("");

    private DirectoryStore store() {
        return DirectoryStore.open(dir, InstantSource.system());
    }

    private static KeyPair make() {
        return KeyType.EC_P256.generate(new SecureRandom());
    }

    private static byte[] open(KeyPair pair) {
        return pair.getPublic().getEncoded();
    }

    @Test
    void accountKeys_changedAtOneCa_staysAtTheOthers() throws IOException {
        KeyPair first = store().accountKeys(ONE).loadOrCreate(AccountKeyFileTest::make);
        assertThat(open(store().accountKeys(TWO).loadOrCreate(AccountKeyFileTest::make)))
                .isEqualTo(open(first));
        assertThat(open(store().accountKeys().loadOrCreate(AccountKeyFileTest::make)))
                .isEqualTo(open(first));

        KeyPair next = store().accountKeys(ONE).loadOrCreateNext(AccountKeyFileTest::make);
        assertThat(store().accountKeys(TWO).findNext()).isEmpty();
        store().accountKeys(ONE).replaceByNext();

        assertThat(open(store().accountKeys(ONE).loadOrCreate(AccountKeyFileTest::make)))
                .isEqualTo(open(next));
        assertThat(open(store().accountKeys(TWO).loadOrCreate(AccountKeyFileTest::make)))
                .isEqualTo(open(first));
        try (Stream<Path> files = Files.list(dir)) {
            Path own = files.filter(
                            file -> file.getFileName().toString().startsWith("client-https-one.example-directory-"))
                    .findFirst()
                    .orElseThrow();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                    .isEqualTo("rw-------");
        }
        assertThat(store().list()).as("keys are no entries").isEmpty();
    }

    @Test
    void accountKeys_ofUrlsThatReadAlike_areTwo() {
        store().accountKeys("https://a.example/x?y").loadOrCreateNext(AccountKeyFileTest::make);
        assertThat(store().accountKeys("https://a.example/x-y").findNext()).isEmpty();
    }
}
