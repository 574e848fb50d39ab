package org.autotls.acme;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * up to date. Done once per process, and again when the CA has forgotten the account. Where an earlier run noted the
 * account's URL ({@link AccountNotes}), that is believed until the CA refuses.
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

    private static final String NEW_ACCOUNT =
            "to start with a new account, move the account key out of the certificate directory";

    /** An account key, and the URL of its account if that was noted. */
    private record Noted(AccountKey key, Optional<URI> url) {}

    private final AcmeClient client;
    private final AccountKeys keys;
    private final Registration registration;
    private final AccountNotes notes;
    private final AtomicReference<@Nullable CompletableFuture<Signer>> current = new AtomicReference<>();

    /** The account that was believed because of a note, and has not been refused since. */
    private volatile @Nullable Signer noted;

    Accounts(AcmeClient client, AccountKeys keys, Registration registration, AccountNotes notes) {
        this.client = client;
        this.keys = keys;
        this.registration = registration;
        this.notes = notes;
    }

    /** Whether the account is bound to one that the CA knows from elsewhere. */
    boolean isBound() {
        return registration.externalAccount().isPresent();
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
     * Forgets an account and its note; the next {@link #current} finds or registers it again.
     *
     * @param why for the log: what is the matter with it
     * @return completes when the note is gone
     */
    CompletableFuture<Void> forget(Signer account, String why) {
        CompletableFuture<Signer> known = current.get();
        if (known == null || !known.isDone() || account != known.getNow(account)) {
            return CompletableFuture.completedFuture(null);
        }
        LOG.warn("{} {}", account, why);
        return CompletableFuture.runAsync(() -> notes.drop(account.key()), keys.executor())
                .thenRun(() -> current.compareAndSet(known, null));
    }

    /** Whether all that is known of an account comes from a note: the CA may have deactivated it since. */
    boolean isNoted(Signer account) {
        return account == noted;
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
                .thenCompose(this::fromNote)
                .thenCompose(known -> known.url().isPresent()
                        ? CompletableFuture.completedFuture(
                                believed(known.key(), known.url().get()))
                        : newAccount(known.key()).thenApplyAsync(this::note, keys.executor()));
    }

    private CompletableFuture<Noted> fromNote(AccountKey key) {
        return client.directory()
                .thenApplyAsync(directory -> new Noted(key, notedUrl(key, directory)), keys.executor());
    }

    private Optional<URI> notedUrl(AccountKey key, Directory directory) {
        try {
            return notes.find(key).map(text -> directory.permitted(text, "the note of the account"));
        } catch (IssueException e) {
            LOG.warn("Asking the CA for the account: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Signer believed(AccountKey key, URI url) {
        Signer account = Signer.account(key, url);
        LOG.info("Using account {}", url);
        noted = account;
        return account;
    }

    private Signer note(Signer account) {
        notes.save(account.key(), account.url());
        noted = null;
        return account;
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
                        + " wants an external account binding (EAB): get a key identifier and a MAC key from"
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
                            failure.getMessage() + ended(failure) + bindingToCheck(),
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
                    Kind.CONFIGURATION, "the CA says that this account is " + Text.escape(status) + "; " + NEW_ACCOUNT);
        }
        return account;
    }

    private static String ended(IssueException failure) {
        return String.valueOf(failure.getMessage()).contains("deactivated") ? "; " + NEW_ACCOUNT : "";
    }

    private String bindingToCheck() {
        return registration
                .externalAccount()
                .map(external -> "; if it speaks of the external account binding, see that --eab-kid "
                        + Text.escape(external.keyId())
                        + " and --eab-key-file are what the CA gave you, or ask it for new ones: many can be used"
                        + " once only")
                .orElse("");
    }
}
