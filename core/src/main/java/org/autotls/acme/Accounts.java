package org.autotls.acme;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.autotls.internal.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The account step (RFC 8555 §7.3): registers the account key, or finds the account it already has, and keeps the contact
 * up to date. Done once per process, and again when the CA has forgotten the account.
 *
 * <p>Safe to repeat: the same key leads to the same account. After a crash before the answer came, the next run finds the
 * account that this one made.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks.
 */
final class Accounts {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /** The statuses that an account does not leave again (RFC 8555 §7.1.6). */
    private static final Set<String> ENDED = Set.of("deactivated", "revoked");

    private final AcmeClient client;
    private final AccountKeys keys;
    private final Registration registration;
    private final AtomicReference<@Nullable CompletableFuture<Signer>> current = new AtomicReference<>();

    Accounts(AcmeClient client, AccountKeys keys, Registration registration) {
        this.client = client;
        this.keys = keys;
        this.registration = registration;
    }

    /** The account; callers that come while it is being registered share one request. */
    CompletableFuture<Signer> current() {
        CompletableFuture<Signer> known = current.get();
        if (known != null) {
            return known;
        }
        CompletableFuture<Signer> fresh = new CompletableFuture<>();
        if (!current.compareAndSet(null, fresh)) {
            return current();
        }
        register().whenComplete((account, failure) -> {
            if (failure == null) {
                fresh.complete(account);
            } else {
                current.compareAndSet(fresh, null);
                fresh.completeExceptionally(Async.unwrap(failure));
            }
        });
        return fresh;
    }

    /**
     * Forgets an account; the next {@link #current} finds or registers it again.
     *
     * @param why for the log: what is the matter with it
     */
    void forget(Signer account, String why) {
        CompletableFuture<Signer> known = current.get();
        if (known != null && known.isDone() && account == known.getNow(account)) {
            LOG.warn("{} {}", account, why);
            current.compareAndSet(known, null);
        }
    }

    /** Whether another process has changed the account's key since it was loaded. */
    CompletableFuture<Boolean> hasOtherKey(Signer account) {
        return CompletableFuture.supplyAsync(
                () -> !keys.current().thumbprint().equals(account.key().thumbprint()), keys.executor());
    }

    private CompletableFuture<Signer> register() {
        return client.directory()
                .thenAccept(this::checkTerms)
                .thenCompose(agreed -> keys.settled())
                .thenCompose(this::newAccount);
    }

    private void checkTerms(Directory directory) {
        if (!directory.termsOfService().isEmpty() && !registration.termsAgreed()) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    "this CA asks you to agree to its terms of service: read "
                            + Text.escape(directory.termsOfService())
                            + " and, if you agree, say so with --agree-tos (in a program: termsAgreed(true))");
        }
    }

    private CompletableFuture<Signer> newAccount(AccountKey key) {
        return client.directory()
                .thenCompose(directory -> client.post(
                                Directory::newAccount,
                                Signer.unregistered(key),
                                JsonObject.write(registration.payload(key, directory)))
                        .thenCompose(answer -> registered(key, answer, directory)));
    }

    private CompletableFuture<Signer> registered(AccountKey key, Answer answer, Directory directory) {
        if (answer.isProblem("accountDoesNotExist") && registration.lacksBinding(directory)) {
            throw unbound(directory);
        }
        JsonObject account = accountOf(answer);
        URI url = directory.permitted(answer.location(), "newAccount");
        Signer signer = Signer.account(key, url);
        boolean made = answer.status() == 201;
        LOG.info("{} account {} at the CA", made ? "Registered" : "Found", url);
        List<String> contact = registration.contact();
        return made || contact.isEmpty() || account.texts("contact").equals(contact)
                ? CompletableFuture.completedFuture(signer)
                : updateContact(signer, url, contact);
    }

    private static IssueException unbound(Directory directory) {
        return new IssueException(
                Kind.CONFIGURATION,
                "the CA at " + directory.newAccount().getHost()
                        + " wants an external account binding (RFC 8555 §7.3.4): get a key identifier and a MAC key from"
                        + " it, and give them with --eab-kid and --eab-key-file (in a program: externalAccount)");
    }

    /** Changes the contact of an account that exists (§7.3.2). A CA that refuses keeps the old one: no reason to stop. */
    private CompletableFuture<Signer> updateContact(Signer signer, URI url, List<String> contact) {
        return client.post(url, signer, JsonObject.write(Map.of("contact", contact)), Transport.JSON_LIMIT)
                .thenApply(answer -> {
                    if (answer.isSuccess()) {
                        LOG.info("The contact of {} is now {}", url, contact);
                    } else {
                        LOG.warn(
                                "{}",
                                Failures.of("updating the contact to " + contact, answer)
                                        .getMessage());
                    }
                    return signer;
                });
    }

    private JsonObject accountOf(Answer answer) {
        if (!answer.isSuccess()) {
            IssueException failure = Failures.of("registering the account", answer);
            // A deactivated account answers "unauthorized" for ever: a person has to choose another key.
            throw failure.kind() == Kind.REFUSED
                    ? new IssueException(
                            Kind.CONFIGURATION,
                            failure.getMessage() + bindingToCheck(),
                            failure,
                            failure.problem().orElse(null),
                            null)
                    : failure;
        }
        JsonObject account = answer.json();
        String status = account.text("status").orElse("valid");
        if (!status.equals("valid") && !ENDED.contains(status)) {
            throw new IssueException(
                    Kind.SERVER, answer.url() + " shows an account that is '" + Text.escape(status) + "'");
        }
        if (!status.equals("valid")) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    "the CA says that this account is " + Text.escape(status)
                            + "; remove the account key to start with a new account");
        }
        return account;
    }

    private String bindingToCheck() {
        return registration
                .externalAccount()
                .map(external -> "; if it speaks of the binding to " + external
                        + ", ask the CA for new credentials: many can be used once only")
                .orElse("");
    }
}
