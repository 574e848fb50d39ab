package org.autotls.acme;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.internal.JsonObject;

/**
 * Looks at a CA, and at our account there, before something is ordered. Nothing is registered, ordered or written: the
 * directory is read (RFC 8555 §7.1.1), a nonce is asked for (§7.2), and an account is looked for by its key (§7.3.1).
 *
 * <p>The stages fail with {@link IssueException}, whose message says what to do.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks, the key is read on the executor given to the builder.
 */
public final class CaInspection {

    private final URI directory;
    private final Transport transport;
    private final AccountKeys keys;

    CaInspection(URI directory, Transport transport, AccountKeys keys) {
        this.directory = directory;
        this.transport = transport;
        this.keys = keys;
    }

    /**
     * Reads the directory and asks for a nonce.
     *
     * @return completes with what the CA shows; fails with {@link IssueException} if it cannot be reached, or what is at the
     *     URL is no directory
     */
    public CompletionStage<CaView> look() {
        return transport.get(directory).thenCompose(answer -> {
            if (answer.status() != 200) {
                throw Failures.of("reading the directory", answer);
            }
            JsonObject json = answer.json();
            Directory read = Directory.parse(directory, json);
            return transport.head(read.newNonce()).thenApply(nonce -> {
                if (!nonce.isSuccess() || nonce.nonce().isEmpty()) {
                    throw new IssueException(
                            Kind.SERVER, read.newNonce() + " answered " + nonce.status() + " without a nonce to use");
                }
                return view(answer, json, read);
            });
        });
    }

    private CaView view(Answer answer, JsonObject json, Directory read) {
        Optional<Duration> ahead = answer.headers()
                .firstValue("Date")
                .flatMap(RetryAfter::date)
                .map(date -> Duration.between(date, answer.at()));
        List<String> identities =
                json.object("meta").map(meta -> meta.texts("caaIdentities")).orElse(List.of());
        return new CaView(
                directory, ahead, read.termsOfService(), read.externalAccountRequired(), read.profiles(), identities);
    }

    /**
     * Looks for the account of the key that is kept here; if a key change did not end, for that of the next key, too.
     *
     * @return completes with the account, or empty if there is no key, or the CA has no account for it; fails with
     *     {@link IssueException} if the CA refuses the key, as it does when the account is deactivated
     */
    public CompletionStage<Optional<AcmeAccount.Details>> account() {
        return CompletableFuture.supplyAsync(keys::present, keys.executor()).thenCompose(this::account);
    }

    private CompletableFuture<Optional<AcmeAccount.Details>> account(List<AccountKey> left) {
        if (left.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return keys.find(left.get(0))
                .thenCompose(known -> known.isPresent()
                        ? CompletableFuture.completedFuture(known.map(AcmeAccount::details))
                        : account(left.subList(1, left.size())));
    }
}
