package org.autotls.acme;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.autotls.ExternalAccount;
import org.autotls.internal.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Who signs a request: an account key alone (newAccount), or the key of a registered account (everything else). Makes the
 * flattened JWS of RFC 8555 §6.2. Immutable.
 */
final class Signer {

    private final AccountKey key;
    private final @Nullable URI account;

    private Signer(AccountKey key, @Nullable URI account) {
        this.key = key;
        this.account = account;
    }

    /** Signs with the public key shown: the account is not known yet. */
    static Signer unregistered(AccountKey key) {
        return new Signer(key, null);
    }

    /** Signs for an account, named by its URL. */
    static Signer account(AccountKey key, URI account) {
        return new Signer(key, account);
    }

    /** The URL of the account signed for. */
    URI url() {
        return requireNonNull(account, "not registered");
    }

    AccountKey key() {
        return key;
    }

    /**
     * Signs one request.
     *
     * @param payload JSON, or empty for POST-as-GET (RFC 8555 §6.3)
     */
    String sign(URI url, String nonce, String payload) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", key.algorithm());
        if (account == null) {
            header.put("jwk", key.jwk());
        } else {
            header.put("kid", account);
        }
        header.put("nonce", nonce);
        header.put("url", url);
        return JsonObject.write(flattened(header, payload, key::sign));
    }

    /**
     * Proves by the MAC key of an external account that {@code key} may be bound to it (RFC 8555 §7.3.4).
     *
     * @param newAccount where the binding is sent
     * @return a JWS without nonce, to be put into a payload
     */
    static Map<String, Object> bind(AccountKey key, ExternalAccount external, URI newAccount) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", external.algorithm());
        header.put("kid", external.keyId());
        header.put("url", newAccount);
        return flattened(header, JsonObject.write(key.jwk()), external::authenticate);
    }

    /**
     * Asks by a new key that it become an account's (RFC 8555 §7.3.5).
     *
     * @param fresh the new key
     * @param account what is signed for, by the old key
     * @param keyChange where the request is sent
     * @return a JWS without nonce: the payload that the old key is to sign
     */
    static String askForChange(AccountKey fresh, Signer account, URI keyChange) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", fresh.algorithm());
        header.put("jwk", fresh.jwk());
        header.put("url", keyChange);
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("account", account);
        payload.put("oldKey", account.key.jwk());
        return JsonObject.write(flattened(header, JsonObject.write(payload), fresh::sign));
    }

    private static Map<String, Object> flattened(
            Map<String, Object> header, String payload, UnaryOperator<byte[]> signature) {
        String head = encode(JsonObject.write(header));
        String body = encode(payload);
        Map<String, Object> jws = new LinkedHashMap<>();
        jws.put("protected", head);
        jws.put("payload", body);
        jws.put(
                "signature",
                AccountKey.base64url(signature.apply((head + "." + body).getBytes(StandardCharsets.US_ASCII))));
        return jws;
    }

    private static String encode(String text) {
        return AccountKey.base64url(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return account == null ? key.toString() : account.toString();
    }
}
