package org.autotls.acme;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.autotls.AccountKeyStore;
import org.autotls.KeyType;
import org.autotls.internal.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The account key at one CA, and the one that is to replace it (RFC 8555 §7.3.5).
 *
 * <p>A key change makes the next key durable, tells the CA, and puts it in the old one's place. After a crash between these,
 * the CA itself says which key it knows ({@link #settled}): if it is the next one, that is put in place; if not, the old one
 * is used, and the next one stays for the next change, since a request may still be on its way. One that the CA refused is dropped.
 *
 * <p><b>Threads.</b> Safe for many threads. Methods that return futures never block; the others may.
 */
final class AccountKeys {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /** An account that the CA has. */
    record Known(Signer signer, JsonObject account) {}

    private final AcmeClient client;
    private final AccountKeyStore store;
    private final SecureRandom random;
    private final Executor executor;

    AccountKeys(AcmeClient client, AccountKeyStore store, SecureRandom random, Executor executor) {
        this.client = client;
        this.store = store;
        this.random = random;
        this.executor = executor;
    }

    /** The keys that there are, the one in its place first; makes none. */
    List<AccountKey> present() {
        return Stream.of(store.find(), store.findNext())
                .flatMap(Optional::stream)
                .map(AccountKey::of)
                .toList();
    }

    /** The key in its place; made if there is none. */
    AccountKey current() {
        return AccountKey.of(store.loadOrCreate(() -> KeyType.EC_P256.generate(random)));
    }

    AccountKey makeNext() {
        return AccountKey.of(store.loadOrCreateNext(() -> KeyType.EC_P256.generate(random)));
    }

    void replaceByNext() {
        store.replaceByNext();
    }

    void dropNext() {
        store.dropNext();
    }

    /** The account key, once it is clear which one that is. */
    CompletableFuture<AccountKey> settled() {
        return CompletableFuture.supplyAsync(store::findNext, executor)
                .thenCompose(next -> next.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.<Known>empty())
                        : find(AccountKey.of(next.get())))
                .thenApplyAsync(
                        known -> {
                            if (known.isPresent()) {
                                LOG.info(
                                        "{} has the next account key already",
                                        known.get().signer());
                                replaceByNext();
                            }
                            return current();
                        },
                        executor);
    }

    /** The account that the CA has for a key (§7.3.1); makes none. */
    CompletableFuture<Optional<Known>> find(AccountKey key) {
        return client.post(Directory::newAccount, Signer.unregistered(key), "{\"onlyReturnExisting\":true}")
                .thenCombine(client.directory(), (answer, directory) -> {
                    if (answer.isProblem("accountDoesNotExist")) {
                        return Optional.empty();
                    }
                    if (!answer.isSuccess()) {
                        throw Failures.of("looking for the account", answer);
                    }
                    return Optional.of(new Known(
                            Signer.account(key, directory.permitted(answer.location(), "newAccount")), answer.json()));
                });
    }

    Executor executor() {
        return executor;
    }
}
