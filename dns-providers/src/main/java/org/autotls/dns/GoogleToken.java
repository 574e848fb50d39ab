package org.autotls.dns;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.internal.JsonObject;

/**
 * The access token that a service account gets for its signature (RFC 7523 §2.1), kept until shortly before it ends.
 *
 * <p><b>Threads.</b> Safe for many threads; two that come at once may each ask for one. May block for one request.
 */
final class GoogleToken implements Supplier<String> {

    private static final String SCOPE = "https://www.googleapis.com/auth/ndev.clouddns.readwrite";
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final Duration MARGIN = Duration.ofMinutes(1);
    private static final long LONGEST = 3600; // seconds; what Google gives, and what we believe at most

    private record Token(String text, Instant until) {}

    private final ApiClient client;
    private final ServiceAccount account;
    private volatile Token last = new Token("", Instant.MIN);

    GoogleToken(ApiClient client, ServiceAccount account) {
        this.client = client;
        this.account = account;
    }

    @Override
    public String get() {
        Token known = last;
        if (client.now().isBefore(known.until())) {
            return known.text();
        }
        Token fresh = request();
        last = fresh;
        return fresh.text();
    }

    private Token request() {
        Instant now = client.now();
        String body = "grant_type=" + BearerApi.encode(GRANT) + "&assertion="
                + BearerApi.encode(account.assertion(SCOPE, now));
        ApiReply reply = client.send(
                "POST", account.tokenUrl(), Map.of("Content-Type", "application/x-www-form-urlencoded"), body);
        if (!reply.isSuccess()) {
            throw client.refused(reply, "asking for an access token", "the service account's key, or this clock");
        }
        JsonObject json = reply.jsonOrEmpty().orElseGet(() -> JsonObject.parse("{}"));
        String text = json.text("access_token")
                .filter(token -> token.matches("[!-~]{1,8192}"))
                .orElseThrow(() ->
                        new IssueException(Kind.UNPROVED, "asking for an access token: Google answered without one"));
        long seconds = Math.max(0, Math.min(LONGEST, json.number("expires_in").orElse(0L)));
        return new Token(text, now.plusSeconds(seconds).minus(MARGIN));
    }
}
