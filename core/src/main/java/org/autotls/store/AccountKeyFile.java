package org.autotls.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.AccountKeyStore;
import org.autotls.Revision;
import org.autotls.StoreException;
import org.autotls.Text;
import org.autotls.internal.DurableFiles;
import org.autotls.internal.PrivateKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ACME account key in {@code client.key}: what the original wrote is read, and what is written the original would read
 * (a lone PKCS#8 block), if the key is RSA. While it is being changed, the next one is in {@code client.key.next}.
 *
 * <p>One key does for all CAs until it is changed at one of them: that CA's key is then in a file of its own, which goes
 * before {@code client.key}, and the other CAs still find theirs. A staging CA that is only tried at has one of its own from
 * the start, in the same place.
 */
final class AccountKeyFile implements AccountKeyStore {

    static final String NAME = "client.key";

    private static final Logger LOG = LoggerFactory.getLogger(AccountKeyFile.class);
    private static final int MAXIMUM = 64 << 10;

    private final OwnDirectory directory;
    private final BadFiles bad;
    private final Path file;
    private final Path next;
    private final Optional<AccountKeyFile> shared;

    /** The key of all CAs. */
    AccountKeyFile(OwnDirectory directory, BadFiles bad) {
        this(directory, bad, NAME, Optional.empty());
    }

    private AccountKeyFile(OwnDirectory directory, BadFiles bad, String name, Optional<AccountKeyFile> shared) {
        this.directory = directory;
        this.bad = bad;
        this.file = directory.root().resolve(name);
        this.next = directory.root().resolve(name + ".next");
        this.shared = shared;
    }

    /** The key of one CA: its own if it has one, else this. */
    AccountKeyFile of(String issuerKey) {
        return new AccountKeyFile(directory, bad, name(issuerKey), Optional.of(this));
    }

    /** The key of one CA, which is never another's, too. */
    AccountKeyFile ownOf(String issuerKey) {
        return new AccountKeyFile(directory, bad, name(issuerKey), Optional.empty());
    }

    private static String name(String issuerKey) {
        String readable = issuerKey.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]+", "-");
        return "client-" + readable.substring(0, Math.min(readable.length(), 100)) + "-"
                + SmallFile.revisionOf(issuerKey.getBytes(StandardCharsets.UTF_8))
                        .value()
                        .substring(0, 8)
                + ".key";
    }

    @Override
    public Optional<KeyPair> find() {
        Optional<KeyPair> own = find(file);
        return own.isPresent() || shared.isEmpty() ? own : shared.get().find();
    }

    /** Ends when somebody's key is there: ours, or the one of a process that was quicker. */
    @Override
    public KeyPair loadOrCreate(Supplier<KeyPair> generator) {
        if (shared.isPresent()) {
            return find(file).orElseGet(() -> shared.get().loadOrCreate(generator));
        }
        return loadOrCreate(file, generator);
    }

    @Override
    public Optional<KeyPair> findNext() {
        return find(next);
    }

    @Override
    public KeyPair loadOrCreateNext(Supplier<KeyPair> generator) {
        return loadOrCreate(next, generator);
    }

    @Override
    public void replaceByNext() {
        directory.requireWritable("change the account key");
        try {
            boolean replaced = directory.locked(() -> {
                if (SmallFile.read(next, MAXIMUM).isEmpty()) {
                    return false;
                }
                DurableFiles.rename(next, file);
                DurableFiles.forceDirectory(directory.root());
                return true;
            });
            if (replaced) {
                LOG.info("{}: holds a new account key", Text.escape(file.toString()));
            }
        } catch (IOException e) {
            throw StoreFailures.of("cannot write the account key", e);
        }
    }

    @Override
    public void dropNext() {
        directory.requireWritable("drop the next account key");
        try {
            directory.locked(() -> Files.deleteIfExists(next));
        } catch (IOException e) {
            throw StoreFailures.of("cannot remove the next account key", e);
        }
    }

    private Optional<KeyPair> find(Path place) {
        try {
            Optional<SmallFile> present = SmallFile.read(place, MAXIMUM);
            return present.isEmpty() ? Optional.empty() : readOrSetAside(place, present.get());
        } catch (IOException e) {
            throw StoreFailures.of("cannot read the account key", e);
        }
    }

    private KeyPair loadOrCreate(Path place, Supplier<KeyPair> generator) {
        try {
            while (true) {
                Optional<KeyPair> read = find(place);
                Optional<KeyPair> pair = read.isPresent() ? read : create(place, generator);
                if (pair.isPresent()) {
                    return pair.get();
                }
            }
        } catch (IOException e) {
            throw StoreFailures.of("cannot read or write the account key", e);
        }
    }

    private Optional<KeyPair> create(Path place, Supplier<KeyPair> generator) throws IOException {
        directory.requireWritable("make the account key");
        KeyPair pair = generator.get();
        byte[] content = PrivateKeys.encode(pair.getPrivate()).getBytes(StandardCharsets.UTF_8);
        return directory.save(() -> place, content, Revision.NONE, MAXIMUM).map(saved -> {
            LOG.info(
                    "{}: made a new account key ({})",
                    Text.escape(place.toString()),
                    pair.getPublic().getAlgorithm());
            return pair;
        });
    }

    private Optional<KeyPair> readOrSetAside(Path place, SmallFile content) throws IOException {
        if (content.stamp().isReadableByOthers()) {
            bad.report(place, BadFiles.Fault.MODE, "other users can read the account key; run: chmod 600");
        }
        try {
            return Optional.of(PrivateKeys.parsePair(new String(content.bytes(), StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            directory.requireWritable("replace " + place + ", which holds no private key that can be read");
            if (!bad.isSettled(place, content.stamp())) {
                throw StoreException.retryable(place + " holds no private key; it may be about to be written", e);
            }
            setAside(place, content);
            return Optional.empty();
        }
    }

    private void setAside(Path place, SmallFile content) throws IOException {
        directory.locked(() -> {
            Optional<SmallFile> present = SmallFile.read(place, MAXIMUM);
            if (present.map(SmallFile::revision).equals(Optional.of(content.revision()))) {
                Path kept = bad.moveAside(place);
                LOG.error(
                        "{}: holds no private key that can be read; kept as {}. A new account key is made: the CA sees a"
                                + " new account, without the old one's rate limits and permissions",
                        Text.escape(place.toString()),
                        Text.escape(kept.toString()));
            }
            return true;
        });
    }
}
