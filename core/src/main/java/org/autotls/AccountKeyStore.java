package org.autotls;

import java.security.KeyPair;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The durable home of one ACME account key (RFC 8555 §7.1.2). Never a certificate key.
 *
 * <p><b>Threads.</b> Safe for many threads and processes: all that start at once end up with the same key. May block.
 */
public interface AccountKeyStore {

    /**
     * Returns the account key, and makes none.
     *
     * @return empty if there is none; a file that is not a key is set aside, not an error
     * @throws StoreException if it cannot be read
     */
    Optional<KeyPair> find();

    /**
     * Returns the account key, making and keeping one if there is none. A new key is durable before this returns, so that
     * no account is ever registered with a key that a crash could lose.
     *
     * @param generator makes a new key pair, EC or RSA
     * @return the key pair that every process of this store uses
     * @throws StoreException if it can be neither read nor written; a file that is not a key is set aside, not an error
     */
    KeyPair loadOrCreate(Supplier<KeyPair> generator);

    /**
     * Returns the key that is to replace the account key, if a key change was begun and has not ended.
     *
     * @return empty if none is being changed; a file that is not a key is set aside, not an error
     * @throws StoreException if it cannot be read
     */
    Optional<KeyPair> findNext();

    /**
     * Returns the key that is to replace the account key, making and keeping one beside it if there is none. A new key is
     * durable before this returns, so that a CA is never told a key that a crash could lose.
     *
     * @param generator makes a new key pair, EC or RSA
     * @return the key pair that every process of this store uses
     * @throws StoreException if it can be neither read nor written
     */
    KeyPair loadOrCreateNext(Supplier<KeyPair> generator);

    /**
     * Makes the next key the account key, in one step; the old one is gone. Does nothing if there is no next key, since
     * another process was quicker.
     *
     * @throws StoreException if that cannot be written; whichever key it was is still there
     */
    void replaceByNext();

    /**
     * Removes the next key, which the CA has refused; the account key stays. Does nothing if there is none.
     *
     * @throws StoreException if it cannot be removed
     */
    void dropNext();
}
