package org.autotls.acme;

import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.internal.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes of the URLs that accounts have (RFC 8555 §7.1.2), so that the next run need not ask the CA for its own: one request
 * less. A note is found only for the directory, account key and contact that it was written for. It is a hint: one that
 * cannot be read or written is none, and what the CA says of the account counts.
 *
 * <p><b>Threads.</b> Safe for many threads. May block.
 */
final class AccountNotes {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);
    private static final String PREFIX = "accounts/";

    private final Optional<StateStore> state;
    private final URI directory;
    private final List<String> contact;

    /** @param state where they are kept; empty to keep none */
    AccountNotes(Optional<StateStore> state, URI directory, List<String> contact) {
        this.state = state;
        this.directory = directory;
        this.contact = contact;
    }

    /** The URL of the key's account, as it was noted: not checked. */
    Optional<String> find(AccountKey key) {
        try {
            return state.flatMap(store -> store.find(name(key))).map(StateStore.Entry::text);
        } catch (StoreException e) {
            LOG.warn("The note of the account's URL cannot be read: {}", e.getMessage());
            return Optional.empty();
        }
    }

    void save(AccountKey key, URI url) {
        try {
            state.ifPresent(store -> {
                Revision old =
                        store.find(name(key)).map(StateStore.Entry::revision).orElse(Revision.NONE);
                store.save(name(key), url.toString(), old);
            });
        } catch (StoreException e) {
            LOG.warn("The account's URL cannot be noted: {}", e.getMessage());
        }
    }

    void drop(AccountKey key) {
        try {
            state.ifPresent(store -> store.delete(name(key)));
        } catch (StoreException e) {
            LOG.warn("The note of the account's URL cannot be removed: {}", e.getMessage());
        }
    }

    private String name(AccountKey key) {
        byte[] hash = Sha256.of(directory + "\n" + key.thumbprint() + "\n" + contact);
        return PREFIX + HexFormat.of().formatHex(hash);
    }
}
