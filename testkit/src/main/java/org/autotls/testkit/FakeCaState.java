package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.autotls.Identifier;
import org.autotls.testkit.FakeCa.Kind;
import org.autotls.testkit.FakeCa.Reply;
import org.autotls.testkit.FakeCaAccounts.Account;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.util.io.pem.PemWriter;

/** What a {@link FakeCa} knows, and the sound answers to each kind of request. Guarded by its own lock. */
final class FakeCaState {

    private static final String URN = "urn:ietf:params:acme:error:";

    private static final class Authorization {
        private final String identifierType;
        private final String name;
        private final String token;
        private final Account owner;
        private String status;
        private String answered = "";
        private int looks;

        Authorization(String identifierType, String name, String token, Account owner, String status) {
            this.identifierType = identifierType;
            this.name = name;
            this.token = token;
            this.owner = owner;
            this.status = status;
        }
    }

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
    private final SecureRandom random = new SecureRandom();
    private final Set<String> nonces = new HashSet<>();
    private final FakeCaAccounts accounts;
    private final Map<String, Order> orders = new HashMap<>();
    private final Map<String, Authorization> authorizations = new HashMap<>();
    private final List<X509Certificate> issued = new ArrayList<>();
    private final Map<X509Certificate, Account> owners = new HashMap<>();
    private final Map<X509Certificate, Integer> revoked = new LinkedHashMap<>();
    private final List<String> profiles = new ArrayList<>();
    private final FakeCaRenewals renewals = new FakeCaRenewals(settings);
    private int next;

    FakeCaState(String base, TestCa issuer) {
        this.base = base;
        this.issuer = issuer;
        this.accounts = new FakeCaAccounts(base, settings);
    }

    String base() {
        return base;
    }

    FakeCaSettings settings() {
        return settings;
    }

    synchronized List<X509Certificate> issued() {
        return List.copyOf(issued);
    }

    synchronized Map<X509Certificate, Integer> revoked() {
        return Map.copyOf(revoked);
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
        nonces.clear();
        accounts.clear();
        orders.clear();
        authorizations.clear();
    }

    synchronized String newNonce() {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        String nonce = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        nonces.add(nonce);
        return nonce;
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
                return json(200, directory(), Map.of());
            }
            if (kind == Kind.NEW_NONCE) {
                return new Reply(method.equals("HEAD") ? 200 : 204, withNonce(Map.of()), new byte[0]);
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
            return problem(refusal);
        } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
            return problem(new Refusal(400, "malformed", String.valueOf(e)));
        }
    }

    private synchronized Reply signedReply(Kind kind, String path, JwsReader.Jws jws)
            throws GeneralSecurityException, IOException {
        if (kind == Kind.NEW_ACCOUNT) {
            checkSignature(path, jws, jws.jwk());
            FakeCaAccounts.Registered done = accounts.register(jws);
            return json(
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
                yield json(200, account.show(), Map.of());
            }
            case ACCOUNT -> {
                accounts.update(account, jws);
                yield json(200, account.show(), Map.of());
            }
            case NEW_ORDER -> newOrder(account, jws);
            case ORDER -> order(path, account);
            case AUTHORIZATION -> authorization(path, account);
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
        boolean unlucky = random.nextInt(100) < settings.badNoncePercent;
        if (!nonces.remove(jws.text("nonce")) || unlucky) {
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
            String authorization = String.valueOf(++next);
            boolean valid = settings.authorizationsValid || settings.nextOrderStatus.equals("ready");
            authorizations.put(
                    authorization,
                    new Authorization(
                            String.valueOf(identifier.get("type")),
                            String.valueOf(identifier.get("value")),
                            "token-" + newNonce(),
                            account,
                            valid ? "valid" : "pending"));
            order.authorizations.add(authorization);
        }
        orders.put(id, order);
        return json(201, show(id, order), Map.of("Location", base + "/order/" + id));
    }

    private Reply order(String path, Account account) {
        String id = path.substring("/order/".length());
        Order order = orderOf(id, account);
        if (order.status.equals("processing") && order.looks-- <= 0) {
            order.status = "valid";
        }
        return json(200, show(id, order), Map.of());
    }

    private Map<String, Object> show(String id, Order order) {
        List<String> states = order.authorizations.stream()
                .map(one -> authorizationOf(one, order.owner).status)
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

    private Reply authorization(String path, Account account) {
        String id = path.substring("/authz/".length());
        Authorization authorization = authorizationOf(id, account);
        if (!authorization.answered.isEmpty() && authorization.status.equals("pending") && authorization.looks-- <= 0) {
            authorization.status = authorization.answered;
        }
        boolean wildcard = authorization.name.startsWith("*.");
        List<Map<String, Object>> offers = new ArrayList<>();
        for (String type : wildcard ? List.of("dns-01") : settings.challengeTypes) {
            offers.add(showChallenge(type, id, authorization));
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("status", authorization.status);
        shown.put(
                "identifier",
                Map.of(
                        "type",
                        authorization.identifierType,
                        "value",
                        wildcard ? authorization.name.substring(2) : authorization.name));
        if (wildcard) {
            shown.put("wildcard", true);
        }
        shown.put("challenges", offers);
        return json(200, shown, Map.of());
    }

    private Map<String, Object> showChallenge(String type, String id, Authorization authorization) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("type", type);
        shown.put("url", base + "/challenge/" + id + "/" + type);
        shown.put("token", authorization.token);
        boolean going = !authorization.answered.isEmpty() && authorization.status.equals("pending");
        shown.put("status", going ? "processing" : authorization.status);
        if (authorization.status.equals("invalid")) {
            shown.put("error", Map.of("type", URN + "unauthorized", "detail", "the fake CA found another answer"));
        }
        return shown;
    }

    private Reply answerChallenge(String path, JwsReader.Jws jws) throws GeneralSecurityException {
        String[] parts = path.split("/", -1);
        Authorization authorization;
        String thumbprint;
        synchronized (this) {
            Account account = check(path, jws);
            authorization = authorizationOf(parts[2], account);
            thumbprint = JwsReader.thumbprint(account.jwk());
            if (jws.payload().isEmpty()) {
                return json(200, showChallenge(parts[3], parts[2], authorization), Map.of());
            }
            if (!authorization.status.equals("pending")) {
                throw new Refusal(400, "malformed", "the authorization is " + authorization.status);
            }
        }
        boolean proved = settings.validator.proves(
                parts[3], authorization.name, authorization.token, authorization.token + "." + thumbprint);
        synchronized (this) {
            settings.limits.validated(authorization.owner.url(), authorization.name, proved);
            authorization.answered = proved ? "valid" : "invalid";
            authorization.looks = settings.looksUntilDone;
            return json(200, showChallenge(parts[3], parts[2], authorization), Map.of());
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
        JcaPKCS10CertificationRequest csr = new JcaPKCS10CertificationRequest(
                JwsReader.decode(String.valueOf(Json.parse(jws.payload()).get("csr"))));
        PublicKey key = csr.getPublicKey();
        List<String> names = names(order.identifiers);
        if (!names(csr).equals(Set.copyOf(names)) || csr.getSubject().getRDNs().length > 0) {
            throw new Refusal(400, "badCSR", "the names of the request are not the order's");
        }
        if (!isSigned(csr)) {
            throw new Refusal(400, "badCSR", "bad signature");
        }
        X509Certificate leaf = settings.leafMaker.leaf(issuer, key, names);
        settings.limits.issued(names, !order.replaces.isEmpty());
        issued.add(leaf);
        owners.put(leaf, account);
        renewals.issued(leaf, account, names, order.replaces);
        order.chains = chains(leaf);
        order.status = "processing";
        order.looks = settings.looksUntilDone;
        return json(200, show(id, order), Map.of("Location", base + "/order/" + id));
    }

    private static List<String> names(List<Map<String, Object>> identifiers) {
        return identifiers.stream().map(one -> String.valueOf(one.get("value"))).toList();
    }

    private static Set<String> names(JcaPKCS10CertificationRequest csr) {
        Set<String> names = new HashSet<>();
        if (csr.getRequestedExtensions() != null) {
            GeneralNames san =
                    GeneralNames.fromExtensions(csr.getRequestedExtensions(), Extension.subjectAlternativeName);
            for (GeneralName name : san.getNames()) {
                names.add(name.getTagNo() == GeneralName.iPAddress ? address(name) : String.valueOf(name.getName()));
            }
        }
        return names;
    }

    private static String address(GeneralName name) {
        try {
            byte[] bytes = ASN1OctetString.getInstance(name.getName()).getOctets();
            return Identifier.of(InetAddress.getByAddress(bytes).getHostAddress())
                    .value();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an iPAddress name of a strange length", e);
        }
    }

    private static boolean isSigned(JcaPKCS10CertificationRequest csr) throws GeneralSecurityException {
        try {
            return csr.isSignatureValid(new JcaContentVerifierProviderBuilder().build(csr.getPublicKey()));
        } catch (OperatorCreationException | PKCSException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private List<String> chains(X509Certificate leaf) throws IOException {
        List<String> chains = new ArrayList<>(List.of(pem(leaf) + pem(issuer.root())));
        for (TestCa other : settings.alternateRoots) {
            chains.add(pem(leaf) + pem(other.crossSign(issuer)));
        }
        return chains;
    }

    /** The chain at {@code /certificate/ORDER}, or an alternate one below it, with links to the others. */
    private Reply certificate(String path, Account account) {
        String[] parts = path.split("/", -1);
        Order order = orderOf(parts[2], account);
        int chain = parts.length > 3 ? Integer.parseInt(parts[3]) : 0;
        if (!order.status.equals("valid") || chain >= order.chains.size()) {
            throw new Refusal(404, "malformed", "no such certificate");
        }
        Map<String, String> headers = withNonce(Map.of("Content-Type", "application/pem-certificate-chain"));
        String links = IntStream.range(0, order.chains.size())
                .filter(other -> other != chain)
                .mapToObj(other -> "<" + base + "/certificate/" + parts[2] + "/" + other + ">;rel=\"alternate\"")
                .collect(Collectors.joining(", "));
        if (!links.isEmpty()) {
            headers.put("Link", links);
        }
        return new Reply(200, headers, order.chains.get(chain).getBytes(UTF_8));
    }

    /** §7.6: signed by the account that ordered it, or by the certificate's own key. */
    private Reply revoke(String path, JwsReader.Jws jws) throws GeneralSecurityException, IOException {
        Map<String, Object> payload = Json.parse(jws.payload());
        byte[] der = JwsReader.decode(String.valueOf(payload.get("certificate")));
        boolean byAccount = jws.jwk().isEmpty();
        Optional<Account> account = byAccount ? Optional.of(check(path, jws)) : Optional.empty();
        if (!byAccount) {
            checkSignature(path, jws, jws.jwk());
        }
        X509Certificate leaf = issued.stream()
                .filter(one -> Arrays.equals(encoded(one), der))
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "malformed", "not one of ours"));
        boolean allowed = byAccount
                ? account.get() == owners.get(leaf)
                : JwsReader.publicKey(jws.jwk()).equals(leaf.getPublicKey());
        if (!allowed) {
            throw new Refusal(403, "unauthorized", "neither the account nor the key of this certificate");
        }
        int reason = Integer.parseInt(String.valueOf(payload.getOrDefault("reason", "0")));
        if (reason < 0 || reason > 10 || reason == 7) {
            throw new Refusal(400, "badRevocationReason", "reason " + reason);
        }
        if (revoked.putIfAbsent(leaf, reason) != null) {
            throw new Refusal(400, "alreadyRevoked", "revoked before");
        }
        return new Reply(200, withNonce(Map.of()), new byte[0]);
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Order orderOf(String id, Account account) {
        Order order = orders.get(id);
        if (order == null || order.owner != account) {
            throw new Refusal(404, "malformed", "no order " + id);
        }
        return order;
    }

    private Authorization authorizationOf(String id, Account account) {
        Authorization authorization = authorizations.get(id);
        if (authorization == null || authorization.owner != account) {
            throw new Refusal(404, "malformed", "no authorization " + id);
        }
        return authorization;
    }

    private Reply problem(Refusal refusal) {
        Map<String, String> headers = withNonce(refusal.headers());
        headers.put("Content-Type", "application/problem+json");
        String body = Json.write(Map.of(
                "type",
                URN + refusal.type(),
                "detail",
                String.valueOf(refusal.getMessage()),
                "status",
                refusal.status()));
        return new Reply(refusal.status(), headers, body.getBytes(UTF_8));
    }

    private Reply json(int status, Map<String, ?> body, Map<String, String> headers) {
        Map<String, String> all = withNonce(headers);
        all.put("Content-Type", "application/json");
        return new Reply(status, all, Json.write(body).getBytes(UTF_8));
    }

    private Map<String, String> withNonce(Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Replay-Nonce", newNonce());
        return all;
    }

    private static String pem(X509Certificate certificate) throws IOException {
        java.io.StringWriter out = new java.io.StringWriter();
        try (PemWriter writer = new PemWriter(out)) {
            writer.writeObject(new JcaMiscPEMGenerator(certificate));
        }
        return out.toString();
    }
}
