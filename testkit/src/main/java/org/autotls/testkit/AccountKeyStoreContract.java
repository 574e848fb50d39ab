package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AccountKeyStore;
import org.autotls.KeyType;
import org.junit.jupiter.api.Test;

/**
 * What every {@link AccountKeyStore} must do. A store is correct when a test class that extends this one passes.
 *
 * <p>Each test starts with an empty place; {@link #open} may be called several times in one test and then stands for the
 * nodes of a cluster.
 */
public abstract class AccountKeyStoreContract {

    private final SecureRandom random = new SecureRandom();

    /** For subclasses. */
    protected AccountKeyStoreContract() {}

    /**
     * Opens this test's place once more.
     *
     * @return a store over the place that is this test's own
     */
    protected abstract AccountKeyStore open();

    private static byte[] publicKey(KeyPair pair) {
        return pair.getPublic().getEncoded();
    }

    @Test
    void loadOrCreate_keepsTheFirstKey() {
        AtomicInteger made = new AtomicInteger();
        for (KeyType type : List.of(KeyType.EC_P256, KeyType.RSA_2048)) {
            KeyPair pair = open().loadOrCreate(() -> {
                made.incrementAndGet();
                return type.generate(random);
            });
            assertThat(publicKey(open().loadOrCreate(() -> type.generate(random))))
                    .isEqualTo(publicKey(pair));
        }
        assertThat(made).hasValue(1);
    }

    @Test
    void find_makesNoKey() {
        assertThat(open().find()).isEmpty();
        KeyPair made = open().loadOrCreate(() -> KeyType.EC_P256.generate(random));
        assertThat(open().find().map(AccountKeyStoreContract::publicKey)).contains(publicKey(made));
    }

    @Test
    void loadOrCreate_ofRsa_isReadBackWhole() {
        KeyPair made = KeyType.RSA_2048.generate(random);
        open().loadOrCreate(() -> made);
        KeyPair read = open().loadOrCreate(() -> KeyType.RSA_2048.generate(random));
        assertThat(publicKey(read)).isEqualTo(publicKey(made));
        assertThat(read.getPrivate().getEncoded()).isEqualTo(made.getPrivate().getEncoded());
    }

    @Test
    void loadOrCreate_fromManyNodesAtOnce_givesAllTheSameKey() throws Exception {
        List<KeyPair> pairs =
                CertificateStoreContract.together(4, () -> open().loadOrCreate(() -> KeyType.EC_P256.generate(random)));
        assertThat(pairs.stream()
                        .map(pair -> new java.math.BigInteger(publicKey(pair)))
                        .distinct())
                .hasSize(1);
    }

    @Test
    void next_isKeptBesideTheFirstAndReplacesIt() {
        KeyPair first = open().loadOrCreate(() -> KeyType.EC_P256.generate(random));
        assertThat(open().findNext()).isEmpty();
        KeyPair next = open().loadOrCreateNext(() -> KeyType.EC_P256.generate(random));
        assertThat(publicKey(open().loadOrCreateNext(() -> KeyType.EC_P256.generate(random))))
                .isEqualTo(publicKey(next));
        assertThat(publicKey(open().findNext().orElseThrow())).isEqualTo(publicKey(next));
        assertThat(publicKey(open().loadOrCreate(() -> next)))
                .as("nothing is replaced yet")
                .isEqualTo(publicKey(first));

        open().replaceByNext();
        open().replaceByNext();

        assertThat(open().findNext()).isEmpty();
        assertThat(publicKey(open().loadOrCreate(() -> first))).isEqualTo(publicKey(next));
    }

    @Test
    void dropNext_leavesTheKey() {
        KeyPair first = open().loadOrCreate(() -> KeyType.EC_P256.generate(random));
        open().dropNext();
        open().loadOrCreateNext(() -> KeyType.EC_P256.generate(random));
        open().dropNext();
        assertThat(open().findNext()).isEmpty();
        assertThat(publicKey(open().loadOrCreate(() -> KeyType.EC_P256.generate(random))))
                .isEqualTo(publicKey(first));
    }

    @Test
    void replaceByNext_withoutNext_leavesTheKey() {
        KeyPair first = open().loadOrCreate(() -> KeyType.EC_P256.generate(random));
        open().replaceByNext();
        assertThat(publicKey(open().loadOrCreate(() -> KeyType.EC_P256.generate(random))))
                .isEqualTo(publicKey(first));
    }
}
