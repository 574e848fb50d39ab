package org.autotls.testkit;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.autotls.testkit.FakeCa.Kind;
import org.autotls.testkit.FakeCa.Reply;
import org.autotls.testkit.FakeCaAccounts.Account;

/** What a {@link FakeCa} knows, and the sound answers to each kind of request. Guarded by its own lock. */
final class FakeCaState {

    private static final class Order {
        private final Account owner;
        private final List<Map<String, Object>> identifiers;
        private final List<String> authorizations = new ArrayList<>();
        private String status = "pending";
        private List<String> chains = List.of();
        private int looks;

        private final String profile;
        private final String replaces;

        Order(Account owner, List<Map<String, Object>> identifiers, String profile, String replaces) {
            this.owner = owner;
            this.profile = profile;
            this.replaces = replaces;
            this.identifiers = identifiers;
        }
    }

    private final String base;
    private final TestCa issuer;
    private final FakeCaSettings settings = new FakeCaSettings();
    private final FakeCaReplies replies = new FakeCaReplies();
    private final FakeCaAccounts accounts;
    private final Map<String, Order> orders = new HashMap<>();
    private final FakeCaAuthorizations authorizations;
    private final FakeCaCertificates certificates;
    private final List<String> profiles = new ArrayList<>();
    private final FakeCaRenewals renewals = new FakeCaRenewals(settings);
    private int next;

    FakeCaState(String base, TestCa issuer) {
        this.base = base;
        this.issuer = issuer;
        this.accounts = new FakeCaAccounts(base, settings);
        this.authorizations = new FakeCaAuthorizations(base, settings);
        this.certificates = new FakeCaCertificates(issuer, settings);
    }

    String base() {
        return base;
    }

    FakeCaSettings settings() {
        return settings;
    }

    synchronized List<X509Certificate> issued() {
        return certificates.issued();
    }

    synchronized Map<X509Certificate, Integer> revoked() {
        return certificates.revoked();
    }

    synchronized List<String> orderedProfiles() {
        return List.copyOf(profiles);
    }

    synchronized List<String> orderedReplacements() {
        return renewals.ordered();
    }

    synchronized List<List<String>> contacts() {
        return accounts.contacts();
    }

    synchronized List<String> accountStatuses() {
        return accounts.statuses();
    }

    synchronized void forgetEverything() {
        replies.forgetNonces();
        accounts.clear();
        orders.clear();
        authorizations.clear();
    }

    String newNonce() {
        return replies.newNonce();
    }

    Optional<Kind> kind(String path) {
        return switch (path.split("/", -1)[1]) {
            case "directory" -> Optional.of(Kind.DIRECTORY);
            case "new-nonce" -> Optional.of(Kind.NEW_NONCE);
            case "new-account" -> Optional.of(Kind.NEW_ACCOUNT);
            case "account" -> Optional.of(Kind.ACCOUNT);
            case "new-order" -> Optional.of(Kind.NEW_ORDER);
            case "order" -> Optional.of(Kind.ORDER);
            case "authz" -> Optional.of(Kind.AUTHORIZATION);
            case "challenge" -> Optional.of(Kind.CHALLENGE);
            case "finalize" -> Optional.of(Kind.FINALIZE);
            case "certificate" -> Optional.of(Kind.CERTIFICATE);
            case "key-change" -> Optional.of(Kind.KEY_CHANGE);
            case "revoke-cert" -> Optional.of(Kind.REVOKE);
            case "renewal-info" -> Optional.of(Kind.RENEWAL_INFO);
            default -> Optional.empty();
        };
    }

    Reply reply(Kind kind, String path, String method, String body) {
        try {
            if (kind == Kind.DIRECTORY) {
                return replies.json(200, directory(), Map.of());
            }
            if (kind == Kind.NEW_NONCE) {
                return new Reply(method.equals("HEAD") ? 200 : 204, replies.withNonce(Map.of()), new byte[0]);
            }
            if (kind == Kind.RENEWAL_INFO) {
                synchronized (this) {
                    return renewals.answer(path, method);
                }
            }
            JwsReader.Jws jws = JwsReader.read(body);
            if (kind == Kind.CHALLENGE) {
                return answerChallenge(path, jws); // validates, which must not happen under the lock
            }
            return signedReply(kind, path, jws);
        } catch (Refusal refusal) {
            return replies.problem(refusal);
        } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
            return replies.problem(new Refusal(400, "malformed", String.valueOf(e)));
        }
    }

    private synchronized Reply signedReply(Kind kind, String path, JwsReader.Jws jws)
            throws GeneralSecurityException, IOException {
        if (kind == Kind.NEW_ACCOUNT) {
            checkSignature(path, jws, jws.jwk());
            FakeCaAccounts.Registered done = accounts.register(jws);
            return replies.json(
                    done.made() ? 201 : 200,
                    done.account().show(),
                    Map.of("Location", done.account().url()));
        }
        if (kind == Kind.REVOKE) {
            return revoke(path, jws);
        }
        Account account = check(path, jws);
        return switch (kind) {
            case KEY_CHANGE -> {
                accounts.changeKey(account, jws);
                yield replies.json(200, account.show(), Map.of());
            }
            case ACCOUNT -> {
                accounts.update(account, jws);
                yield replies.json(200, account.show(), Map.of());
            }
            case NEW_ORDER -> newOrder(account, jws);
            case ORDER -> order(path, account);
            case AUTHORIZATION ->
                replies.json(200, authorizations.look(path.substring("/authz/".length()), account), Map.of());
            case FINALIZE -> finalizeOrder(path, account, jws);
            case CERTIFICATE -> certificate(path, account);
            default -> throw new IllegalArgumentException("not a signed request: " + kind);
        };
    }

    private Map<String, Object> directory() {
        Map<String, Object> directory = new LinkedHashMap<>();
        directory.put("newNonce", base + "/new-nonce");
        directory.put("newAccount", base + "/new-account");
        directory.put("newOrder", base + "/new-order");
        directory.put("revokeCert", base + "/revoke-cert");
        directory.put("keyChange", base + "/key-change");
        if (settings.renewalInfo) {
            directory.put("renewalInfo", base + "/renewal-info");
        }
        directory.put("xK7-random", "https://example.com/unknown-member");
        Map<String, Object> meta = new LinkedHashMap<>();
        if (!settings.termsOfService.isEmpty()) {
            meta.put("termsOfService", settings.termsOfService);
        }
        if (!settings.externalAccounts.isEmpty()) {
            meta.put("externalAccountRequired", true);
        }
        if (!settings.profiles.isEmpty()) {
            meta.put("profiles", settings.profiles);
        }
        if (!meta.isEmpty()) {
            directory.put("meta", meta);
        }
        return directory;
    }

    private Account check(String path, JwsReader.Jws jws) throws GeneralSecurityException {
        Account account = accounts.of(jws);
        checkSignature(path, jws, account.jwk());
        return account;
    }

    private void checkSignature(String path, JwsReader.Jws jws, Map<String, Object> jwk)
            throws GeneralSecurityException {
        if (!jws.isSignedBy(jwk)) {
            throw new Refusal(403, "unauthorized", "bad signature");
        }
        if (!jws.text("url").equals(base + path)) {
            throw new Refusal(403, "unauthorized", "signed for " + jws.text("url"));
        }
        boolean unlucky = replies.happens(settings.badNoncePercent);
        if (!replies.use(jws.text("nonce")) || unlucky) {
            throw new Refusal(400, "badNonce", "nonce " + jws.text("nonce"));
        }
    }

    @SuppressWarnings("unchecked")
    private Reply newOrder(Account account, JwsReader.Jws jws) {
        Map<String, Object> payload = Json.parse(jws.payload());
        List<Map<String, Object>> identifiers =
                (List<Map<String, Object>>) payload.getOrDefault("identifiers", List.of());
        if (identifiers.isEmpty()) {
            throw new Refusal(400, "malformed", "no identifiers");
        }
        String profile = String.valueOf(payload.getOrDefault("profile", ""));
        if (!profile.isEmpty() && !settings.profiles.containsKey(profile)) {
            throw new Refusal(400, "invalidProfile", "profiles are " + settings.profiles.keySet());
        }
        String replaces = String.valueOf(payload.getOrDefault("replaces", ""));
        renewals.checkOrder(replaces, account, names(identifiers));
        settings.limits.ordered(account.url(), names(identifiers), !replaces.isEmpty());
        profiles.add(profile);
        String id = String.valueOf(++next);
        Order order = new Order(account, identifiers, profile, replaces);
        for (Map<String, Object> identifier : identifiers) {
            order.authorizations.add(
                    authorizations.findPending(identifier, account).orElseGet(() -> {
                        String authorization = String.valueOf(++next);
                        authorizations.add(authorization, identifier, "token-" + newNonce(), account);
                        return authorization;
                    }));
        }
        orders.put(id, order);
        return replies.json(201, show(id, order), Map.of("Location", base + "/order/" + id));
    }

    private Reply order(String path, Account account) {
        String id = path.substring("/order/".length());
        Order order = orderOf(id, account);
        if (order.status.equals("processing") && order.looks-- <= 0) {
            order.status = "valid";
        }
        return replies.json(200, show(id, order), Map.of());
    }

    private Map<String, Object> show(String id, Order order) {
        List<String> states = order.authorizations.stream()
                .map(one -> authorizations.status(one, order.owner))
                .toList();
        if (order.status.equals("pending")) {
            order.status = states.contains("invalid")
                    ? "invalid"
                    : states.stream().allMatch("valid"::equals) ? "ready" : "pending";
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("status", order.status);
        shown.put("identifiers", order.identifiers);
        shown.put(
                "authorizations",
                order.authorizations.stream().map(one -> base + "/authz/" + one).toList());
        shown.put("finalize", base + "/finalize/" + id);
        if (!order.profile.isEmpty()) {
            shown.put("profile", order.profile);
        }
        if (order.status.equals("valid")) {
            shown.put("certificate", base + "/certificate/" + id);
        }
        return shown;
    }

    private Reply answerChallenge(String path, JwsReader.Jws jws) throws GeneralSecurityException {
        String[] parts = path.split("/", -1);
        FakeCaAuthorizations.Authorization authorization;
        String thumbprint;
        synchronized (this) {
            Account account = check(path, jws);
            authorization = authorizations.find(parts[2], account);
            thumbprint = JwsReader.thumbprint(account.jwk());
            if (jws.payload().isEmpty()) {
                return replies.json(200, authorizations.showChallenge(parts[3], parts[2], authorization), Map.of());
            }
            authorizations.checkPending(authorization);
        }
        boolean proved = authorizations.isProved(authorization, parts[3], thumbprint);
        synchronized (this) {
            authorizations.answered(authorization, proved);
            return replies.json(200, authorizations.showChallenge(parts[3], parts[2], authorization), Map.of());
        }
    }

    private Reply finalizeOrder(String path, Account account, JwsReader.Jws jws)
            throws GeneralSecurityException, IOException {
        String id = path.substring("/finalize/".length());
        Order order = orderOf(id, account);
        show(id, order);
        if (!order.status.equals("ready")) {
            throw new Refusal(403, "orderNotReady", "the order is " + order.status);
        }
        List<String> names = names(order.identifiers);
        byte[] csr = JwsReader.decode(String.valueOf(Json.parse(jws.payload()).get("csr")));
        PublicKey key = CsrReader.key(csr, Set.copyOf(names));
        X509Certificate leaf = settings.leafMaker.leaf(issuer, key, names);
        settings.limits.issued(names, !order.replaces.isEmpty());
        order.chains = certificates.add(leaf, account);
        renewals.issued(leaf, account, names, order.replaces);
        order.status = "processing";
        order.looks = settings.looksUntilDone;
        return replies.json(200, show(id, order), Map.of("Location", base + "/order/" + id));
    }

    private static List<String> names(List<Map<String, Object>> identifiers) {
        return identifiers.stream().map(one -> String.valueOf(one.get("value"))).toList();
    }

    /** The chain at {@code /certificate/ORDER}, or an alternate one below it, with links to the others. */
    private Reply certificate(String path, Account account) {
        String[] parts = path.split("/", -1);
        Order order = orderOf(parts[2], account);
        int chain = parts.length > 3 ? Integer.parseInt(parts[3]) : 0;
        if (!order.status.equals("valid") || chain >= order.chains.size()) {
            throw new Refusal(404, "malformed", "no such certificate");
        }
        return FakeCaCertificates.download(
                order.chains, base + "/certificate/" + parts[2], chain, replies.withNonce(Map.of()));
    }

    private Reply revoke(String path, JwsReader.Jws jws) throws GeneralSecurityException {
        boolean byAccount = jws.jwk().isEmpty();
        Optional<Account> account = byAccount ? Optional.of(check(path, jws)) : Optional.empty();
        if (!byAccount) {
            checkSignature(path, jws, jws.jwk());
        }
        certificates.revoke(jws, account);
        return new Reply(200, replies.withNonce(Map.of()), new byte[0]);
    }

    private Order orderOf(String id, Account account) {
        Order order = orders.get(id);
        if (order == null || order.owner != account) {
            throw new Refusal(404, "malformed", "no order " + id);
        }
        return order;
    }
}
