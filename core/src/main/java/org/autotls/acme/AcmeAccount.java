package org.autotls.acme;

import java.net.URI;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.StoreException;
import org.autotls.internal.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The account at an ACME CA: shows it, changes its key, deactivates it, and revokes certificates (RFC 8555 §7.3, §7.6). None of
 * these registers an account.
 *
 * <p>The stages fail with {@link IssueException}, whose kind says what to do next, or with {@link StoreException} if the
 * account key can be neither read nor written.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks, the key is read and written on the executor given to the builder.
 */
public final class AcmeAccount {

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);
    private static final int NOT_IMPLEMENTED = 501; // Caddy's CA has a URL for key changes, but makes none

    /**
     * An account as the CA shows it. Immutable.
     *
     * @param url its URL at the CA, which CAA records may name (RFC 8657)
     * @param status {@code valid}, {@code deactivated} or {@code revoked}
     * @param contact URLs; empty if the CA has, or shows, none
     * @param thumbprint the account key's (RFC 7638)
     */
    public record Details(URI url, String status, List<String> contact, String thumbprint) {

        /** Copies the list. */
        public Details {
            contact = List.copyOf(contact);
        }
    }

    private final AcmeClient client;
    private final AccountKeys keys;

    AcmeAccount(AcmeClient client, AccountKeys keys) {
        this.client = client;
        this.keys = keys;
    }

    /**
     * Looks at the account.
     *
     * @return completes with what the CA shows; fails with {@code CONFIGURATION} if there is no account with the key
     */
    public CompletionStage<Details> show() {
        return known().thenApply(AcmeAccount::details);
    }

    /**
     * Gives the account a new key (§7.3.5), which is durable before the CA is told. After a crash at any point, the next use
     * of the account finds out which key the CA knows; an answer that was lost is found out at once. Other processes notice
     * when the CA refuses the old key, and load the new one.
     *
     * @return completes when the new key is in the old one's place
     */
    public CompletionStage<Details> rollover() {
        return known().thenCompose(old -> CompletableFuture.supplyAsync(keys::makeNext, keys.executor())
                .thenCompose(next -> change(old.signer(), next)
                        .handle((done, failure) -> Optional.ofNullable(failure))
                        .thenCompose(failure -> confirm(next, failure)))
                .thenRunAsync(keys::replaceByNext, keys.executor())
                .thenCompose(done -> show()));
    }

    /**
     * Deactivates the account for good (§7.3.6): the CA takes no request of it any more, and will not register its key again.
     *
     * @return completes with the account as it is then
     */
    public CompletionStage<Details> deactivate() {
        return known().thenCompose(known -> client.post(
                        known.signer().url(), known.signer(), "{\"status\":\"deactivated\"}", Transport.JSON_LIMIT)
                .thenApply(answer -> {
                    if (!answer.isSuccess()) {
                        throw Failures.of("deactivating the account", answer);
                    }
                    LOG.info("Deactivated account {}", known.signer());
                    return details(new AccountKeys.Known(known.signer(), answer.json()));
                }));
    }

    /**
     * Revokes a certificate (§7.6), signed by the account key, or, if there is no such account or it has not ordered it,
     * by the certificate's own.
     *
     * @param certificate what is revoked
     * @param key its private key
     * @param reason why
     * @return completes with whether it was done now: false if it was revoked before
     */
    public CompletionStage<Boolean> revoke(X509Certificate certificate, PrivateKey key, RevocationReason reason) {
        String payload = revocation(certificate, reason);
        Signer own = Signer.unregistered(AccountKey.of(new KeyPair(certificate.getPublicKey(), key)));
        return keys.settled()
                .thenCompose(keys::find)
                .exceptionally(AcmeAccount::noneIfUnauthorized)
                .thenCompose(known -> known.isEmpty()
                        ? post(own, payload)
                        : post(known.get().signer(), payload)
                                .thenCompose(answer -> answer.isProblem("unauthorized")
                                        ? post(own, payload)
                                        : CompletableFuture.completedFuture(answer)))
                .thenApply(AcmeAccount::revoked);
    }

    /** A deactivated account can revoke nothing, but its certificates' keys can. */
    private static Optional<AccountKeys.Known> noneIfUnauthorized(Throwable thrown) {
        if (Failures.isUnauthorized(thrown)) {
            return Optional.empty();
        }
        throw new CompletionException(Async.unwrap(thrown));
    }

    private static boolean revoked(Answer answer) {
        if (answer.isProblem("alreadyRevoked")) {
            return false;
        }
        if (!answer.isSuccess()) {
            throw Failures.of("revoking the certificate", answer);
        }
        return true;
    }

    private CompletableFuture<Answer> post(Signer signer, String payload) {
        return client.post(directory -> offered(directory.revokeCert(), "revoke certificates"), signer, payload);
    }

    private CompletableFuture<Void> change(Signer old, AccountKey next) {
        return client.directory()
                .thenCompose(directory -> {
                    URI url = offered(directory.keyChange(), "change account keys");
                    return client.post(known -> url, old, Signer.askForChange(next, old, url));
                })
                .thenAccept(answer -> {
                    if (answer.status() == NOT_IMPLEMENTED) {
                        throw new IssueException(
                                Kind.CONFIGURATION,
                                "this CA does not change account keys: " + answer.url() + " answered 501");
                    }
                    if (!answer.isSuccess()) {
                        throw Failures.of("changing the account key", answer);
                    }
                    LOG.info("Account {} has a new key", old);
                });
    }

    /** An answer may be lost on the way, or be no answer of the CA's: what counts is whether it knows the new key. */
    private CompletableFuture<Void> confirm(AccountKey next, Optional<Throwable> failure) {
        return keys.find(next)
                .handleAsync(
                        (found, unknown) -> {
                            if (unknown == null && found.isPresent()) {
                                return null;
                            }
                            if (unknown == null
                                    && failure.filter(Failures::isRefusal).isPresent()) {
                                keys.dropNext();
                            }
                            Throwable cause = failure.map(Async::unwrap).orElse(unknown);
                            if (cause != null) {
                                throw new CompletionException(Async.unwrap(cause));
                            }
                            throw new IssueException(
                                    Kind.SERVER,
                                    "the CA answered as if it had changed the account key, but does not know the new"
                                            + " one");
                        },
                        keys.executor());
    }

    private CompletableFuture<AccountKeys.Known> known() {
        return keys.settled()
                .thenCompose(keys::find)
                .thenApply(found -> found.orElseThrow(() -> new IssueException(
                        Kind.CONFIGURATION,
                        "the CA has no account with this key; one is registered when a certificate is first ordered")));
    }

    static Details details(AccountKeys.Known known) {
        return new Details(
                known.signer().url(),
                known.account().text("status").orElse("valid"),
                known.account().texts("contact"),
                known.signer().key().thumbprint());
    }

    private static URI offered(Optional<URI> url, String what) {
        return url.orElseThrow(
                () -> new IssueException(Kind.CONFIGURATION, "this CA's directory names no URL to " + what));
    }

    private static String revocation(X509Certificate certificate, RevocationReason reason) {
        try {
            Map<String, Object> payload = new LinkedHashMap<>();
            payload.put("certificate", AccountKey.base64url(certificate.getEncoded()));
            if (reason != RevocationReason.UNSPECIFIED) {
                payload.put("reason", reason.code()); // RFC 5280: absent rather than 0
            }
            return JsonObject.write(payload);
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the certificate cannot be encoded", e);
        }
    }
}
