package org.autotls;

import java.security.KeyPair;
import java.util.function.Supplier;

/**
 * The durable home of one ACME account key (RFC 8555 §7.1.2). Never a certificate key.
 *
 * <p><b>Threads.</b> Safe for many threads and processes: all that start at once end up with the same key. May block.
 */
public interface AccountKeyStore {

    /**
     * Returns the account key, making and keeping one if there is none. A new key is durable before this returns, so that
     * no account is ever registered with a key that a crash could lose.
     *
     * @param generator makes a new key pair, EC or RSA
     * @return the key pair that every process of this store uses
     * @throws StoreException if it can be neither read nor written; a file that is not a key is set aside, not an error
     */
    KeyPair loadOrCreate(Supplier<KeyPair> generator);
}
