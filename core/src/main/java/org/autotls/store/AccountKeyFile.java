package org.autotls.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.AccountKeyStore;
import org.autotls.Revision;
import org.autotls.StoreException;
import org.autotls.Text;
import org.autotls.internal.PrivateKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ACME account key in {@code client.key}: what the original wrote is read, and what is written the original would read
 * (a lone PKCS#8 block), if the key is RSA.
 */
final class AccountKeyFile implements AccountKeyStore {

    static final String NAME = "client.key";

    private static final Logger LOG = LoggerFactory.getLogger(AccountKeyFile.class);
    private static final int MAXIMUM = 64 << 10;

    private final OwnDirectory directory;
    private final BadFiles bad;
    private final Path file;

    AccountKeyFile(OwnDirectory directory, BadFiles bad) {
        this.directory = directory;
        this.bad = bad;
        this.file = directory.root().resolve(NAME);
    }

    /** Ends when somebody's key is there: ours, or the one of a process that was quicker. */
    @Override
    public KeyPair loadOrCreate(Supplier<KeyPair> generator) {
        try {
            while (true) {
                Optional<SmallFile> present = SmallFile.read(file, MAXIMUM);
                Optional<KeyPair> read = present.isEmpty() ? Optional.empty() : readOrSetAside(present.get());
                Optional<KeyPair> pair = read.isPresent() ? read : create(generator);
                if (pair.isPresent()) {
                    return pair.get();
                }
            }
        } catch (IOException e) {
            throw StoreFailures.of("cannot read or write the account key", e);
        }
    }

    private Optional<KeyPair> create(Supplier<KeyPair> generator) throws IOException {
        directory.requireWritable("make the account key");
        KeyPair pair = generator.get();
        byte[] content = PrivateKeys.encode(pair.getPrivate()).getBytes(StandardCharsets.UTF_8);
        return directory.save(() -> file, content, Revision.NONE, MAXIMUM).map(saved -> {
            LOG.info(
                    "{}: made a new account key ({})",
                    Text.escape(file.toString()),
                    pair.getPublic().getAlgorithm());
            return pair;
        });
    }

    private Optional<KeyPair> readOrSetAside(SmallFile content) throws IOException {
        if (content.stamp().isReadableByOthers()) {
            bad.report(file, "mode", "other users can read the account key; run: chmod 600");
        }
        try {
            return Optional.of(PrivateKeys.parsePair(new String(content.bytes(), StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            directory.requireWritable("replace " + file + ", which holds no private key that can be read");
            if (!bad.isSettled(file, content.stamp())) {
                throw StoreException.retryable(file + " holds no private key; it may be about to be written", e);
            }
            setAside(content);
            return Optional.empty();
        }
    }

    private void setAside(SmallFile content) throws IOException {
        directory.locked(() -> {
            Optional<SmallFile> present = SmallFile.read(file, MAXIMUM);
            if (present.map(SmallFile::revision).equals(Optional.of(content.revision()))) {
                Path kept = bad.moveAside(file);
                LOG.error(
                        "{}: holds no private key that can be read; kept as {}. A new account key is made: the CA sees a"
                                + " new account, without the old one's rate limits and permissions",
                        Text.escape(file.toString()),
                        Text.escape(kept.toString()));
            }
            return true;
        });
    }
}
