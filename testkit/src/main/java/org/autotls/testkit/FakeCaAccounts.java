package org.autotls.testkit;

import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a {@link FakeCa}: registering, binding to external accounts, changing, key change, deactivating (RFC 8555
 * §7.3). Guarded by the lock of its {@link FakeCaState}.
 */
final class FakeCaAccounts {

    /** An account. */
    static final class Account {
        private final String url;
        private Map<String, Object> jwk;
        private List<String> contact;
        private String status = "valid";

        Account(String url, Map<String, Object> jwk, List<String> contact) {
            this.url = url;
            this.jwk = jwk;
            this.contact = contact;
        }

        String url() {
            return url;
        }

        Map<String, Object> jwk() {
            return jwk;
        }

        Map<String, Object> show() {
            return Map.of("status", status, "contact", contact, "orders", url + "/orders");
        }
    }

    /** What newAccount did. */
    record Registered(Account account, boolean made) {}

    private final String base;
    private final FakeCaSettings settings;
    private final Map<String, Account> accounts = new LinkedHashMap<>();

    FakeCaAccounts(String base, FakeCaSettings settings) {
        this.base = base;
        this.settings = settings;
    }

    void clear() {
        accounts.clear();
    }

    List<List<String>> contacts() {
        return accounts.values().stream().map(account -> account.contact).toList();
    }

    List<String> statuses() {
        return accounts.values().stream().map(account -> account.status).toList();
    }

    /** The account that a request is signed for, §6.2. */
    Account of(JwsReader.Jws jws) {
        Account account = accounts.get(jws.text("kid"));
        if (account == null) {
            throw new Refusal(400, "accountDoesNotExist", "no account " + jws.text("kid"));
        }
        checkUsable(account);
        return account;
    }

    /** newAccount, §7.3; the signature has been checked. */
    Registered register(JwsReader.Jws jws) throws GeneralSecurityException {
        Map<String, Object> payload = Json.parse(jws.payload());
        Optional<Account> known = withKey(jws.jwk());
        if (known.isPresent()) {
            checkUsable(known.get());
            return new Registered(known.get(), false);
        }
        if ("true".equals(payload.get("onlyReturnExisting"))) {
            throw new Refusal(400, "accountDoesNotExist", "no account with this key");
        }
        if (!settings.termsOfService.isEmpty() && !"true".equals(payload.get("termsOfServiceAgreed"))) {
            throw new Refusal(403, "userActionRequired", "agree to the terms");
        }
        if (!settings.externalAccounts.isEmpty()) {
            checkBinding(payload.get("externalAccountBinding"), jws.jwk());
        }
        String url = base + "/account/" + JwsReader.thumbprint(jws.jwk());
        while (accounts.containsKey(url)) {
            url += "-"; // an account that has another key by now was made with this one
        }
        Account account = new Account(url, jws.jwk(), texts(payload, "contact"));
        accounts.put(url, account);
        return new Registered(account, true);
    }

    /** §7.3.2 and §7.3.6. */
    void update(Account account, JwsReader.Jws jws) {
        if (jws.payload().isEmpty()) {
            return;
        }
        Map<String, Object> payload = Json.parse(jws.payload());
        if (payload.containsKey("contact")) {
            account.contact = texts(payload, "contact");
        }
        if ("deactivated".equals(payload.get("status"))) {
            account.status = "deactivated";
        }
    }

    /** §7.3.5; the outer signature has been checked. */
    void changeKey(Account account, JwsReader.Jws outer) throws GeneralSecurityException {
        JwsReader.Jws inner = JwsReader.read(outer.payload());
        Map<String, Object> payload = Json.parse(inner.payload());
        if (inner.header().containsKey("nonce") || !inner.text("url").equals(outer.text("url"))) {
            throw new Refusal(400, "malformed", "the inner JWS has a nonce, or another url than the outer one");
        }
        if (!inner.isSignedBy(inner.jwk())) {
            throw new Refusal(403, "unauthorized", "the inner JWS is not signed by the new key");
        }
        boolean old = JwsReader.thumbprint(object(payload.get("oldKey"))).equals(JwsReader.thumbprint(account.jwk));
        if (!old || !account.url.equals(payload.get("account"))) {
            throw new Refusal(400, "malformed", "account or oldKey is not the account's");
        }
        if (withKey(inner.jwk()).isPresent()) {
            throw new Refusal(409, "malformed", "the new key has an account");
        }
        account.jwk = inner.jwk();
    }

    private Optional<Account> withKey(Map<String, Object> jwk) {
        String thumbprint = JwsReader.thumbprint(jwk);
        return accounts.values().stream()
                .filter(account -> JwsReader.thumbprint(account.jwk).equals(thumbprint))
                .findFirst();
    }

    private static void checkUsable(Account account) {
        if (!account.status.equals("valid")) {
            throw new Refusal(401, "unauthorized", "the account is " + account.status);
        }
    }

    /** §7.3.4. */
    private void checkBinding(@Nullable Object binding, Map<String, Object> accountKey)
            throws GeneralSecurityException {
        if (binding == null) {
            throw new Refusal(403, "externalAccountRequired", "bind the account to one of ours");
        }
        JwsReader.Jws jws = JwsReader.read(Json.write(object(binding)));
        String macKey = settings.externalAccounts.get(jws.text("kid"));
        if (macKey == null || !jws.isAuthenticatedBy(JwsReader.decode(macKey))) {
            throw new Refusal(403, "unauthorized", "the binding is not one of " + settings.externalAccounts.keySet());
        }
        boolean sound = jws.text("url").equals(base + "/new-account")
                && !jws.header().containsKey("nonce")
                && JwsReader.thumbprint(Json.parse(jws.payload())).equals(JwsReader.thumbprint(accountKey));
        if (!sound) {
            throw new Refusal(400, "malformed", "the binding is for another url or key");
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @SuppressWarnings("unchecked")
    private static List<String> texts(Map<String, Object> json, String name) {
        return (List<String>) json.getOrDefault(name, List.of());
    }
}
