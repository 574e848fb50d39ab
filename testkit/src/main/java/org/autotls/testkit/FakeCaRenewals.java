package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.autotls.testkit.FakeCa.Reply;
import org.autotls.testkit.FakeCaAccounts.Account;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** Renewal information and {@code replaces} of a {@link FakeCa} (RFC 9773). Guarded by the lock of {@link FakeCaState}. */
final class FakeCaRenewals {

    private record Issued(X509Certificate leaf, Account owner, Set<String> names) {}

    private final FakeCaSettings settings;
    private final Map<String, Issued> issued = new HashMap<>();
    private final Set<String> replaced = new HashSet<>();
    private final List<String> ordered = new ArrayList<>();

    FakeCaRenewals(FakeCaSettings settings) {
        this.settings = settings;
    }

    /** What each order named as {@code replaces}; empty for one that named nothing. */
    List<String> ordered() {
        return List.copyOf(ordered);
    }

    void issued(X509Certificate leaf, Account owner, List<String> names, String replaces) {
        issued.put(id(leaf), new Issued(leaf, owner, Set.copyOf(names)));
        if (!replaces.isEmpty()) {
            replaced.add(replaces);
        }
    }

    /** §5: the account's own, for at least one of the names, and not replaced before. */
    void checkOrder(String replaces, Account account, List<String> names) {
        if (!replaces.isEmpty()) {
            Issued old = issued.get(replaces);
            if (!settings.renewalInfo) {
                throw new Refusal(400, "malformed", "no renewal information here");
            }
            if (old == null) {
                throw new Refusal(404, "malformed", "no certificate " + replaces);
            }
            if (old.owner() != account) {
                throw new Refusal(403, "unauthorized", "another account's certificate is replaced");
            }
            if (names.stream().noneMatch(old.names()::contains)) {
                throw new Refusal(400, "malformed", "no name in common with what is replaced");
            }
            if (replaced.contains(replaces)) {
                throw new Refusal(409, "alreadyReplaced", replaces + " was replaced before");
            }
        }
        ordered.add(replaces);
    }

    /** §4.1. */
    Reply answer(String path, String method) {
        Issued asked = issued.get(path.substring("/renewal-info/".length()));
        if (!method.equals("GET") || asked == null || !settings.renewalInfo) {
            throw new Refusal(404, "malformed", "no renewal information at " + path);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        if (!settings.renewalRetryAfter.isEmpty()) {
            headers.put("Retry-After", settings.renewalRetryAfter);
        }
        return new Reply(
                200, headers, settings.renewalAnswer.apply(asked.leaf()).getBytes(UTF_8));
    }

    /** A hundredth of the lifetime around the point at which a third of it is left. */
    static String usualAnswer(X509Certificate leaf) {
        Instant end = leaf.getNotAfter().toInstant();
        Duration lifetime = Duration.between(leaf.getNotBefore().toInstant(), end);
        Instant middle = end.minus(lifetime.dividedBy(3));
        return window(middle.minus(lifetime.dividedBy(100)), middle.plus(lifetime.dividedBy(100)));
    }

    static String window(Instant start, Instant end) {
        return Json.write(Map.of("suggestedWindow", Map.of("start", start.toString(), "end", end.toString())));
    }

    private static String id(X509Certificate leaf) {
        try {
            byte[] key = AuthorityKeyIdentifier.getInstance(JcaX509ExtensionUtils.parseExtensionValue(
                            leaf.getExtensionValue(Extension.authorityKeyIdentifier.getId())))
                    .getKeyIdentifierOctets();
            Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
            return base64.encodeToString(key) + "."
                    + base64.encodeToString(leaf.getSerialNumber().toByteArray());
        } catch (IOException | RuntimeException e) {
            return "none-" + leaf.getSerialNumber(); // a leaf that a test has spoilt
        }
    }
}
