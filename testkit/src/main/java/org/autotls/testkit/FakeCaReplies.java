package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.autotls.testkit.FakeCa.Reply;

/**
 * The answers of a {@link FakeCa}, each with a nonce (RFC 8555 §6.5), and the nonces that were not used. Safe for many
 * threads.
 */
final class FakeCaReplies {

    /** What the type of every ACME error begins with, §6.7. */
    static final String URN = "urn:ietf:params:acme:error:";

    private final SecureRandom random = new SecureRandom();

    /** The same draws in each run: what a test meets by chance once in a thousand runs, nobody finds again. */
    private final Random chance = new Random(7);

    private final Set<String> nonces = new HashSet<>();

    synchronized String newNonce() {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        String nonce = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        nonces.add(nonce);
        return nonce;
    }

    /** Whether the nonce was ours and is used for the first time. */
    synchronized boolean use(String nonce) {
        return nonces.remove(nonce);
    }

    synchronized void forgetNonces() {
        nonces.clear();
    }

    /** Whether something that happens so often happens now; each CA draws the same answers in the same order. */
    boolean happens(int percent) {
        return chance.nextInt(100) < percent;
    }

    Reply json(int status, Map<String, ?> body, Map<String, String> headers) {
        Map<String, String> all = withNonce(headers);
        all.put("Content-Type", "application/json");
        return new Reply(status, all, Json.write(body).getBytes(UTF_8));
    }

    Reply problem(Refusal refusal) {
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

    Map<String, String> withNonce(Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Replay-Nonce", newNonce());
        return all;
    }
}
