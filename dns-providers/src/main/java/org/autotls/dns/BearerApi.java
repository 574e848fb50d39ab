package org.autotls.dns;

import static java.util.Objects.requireNonNull;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.internal.JsonObject;

/** JSON requests with a bearer token. Safe for many threads. {@link #toString} does not show the token. */
final class BearerApi {

    private final ApiClient client;
    private final Supplier<String> token;
    private final String secret;

    /** {@code secret} is what the token is called in messages. */
    BearerApi(ApiClient client, Supplier<String> token, String secret) {
        this.client = client;
        this.token = token;
        this.secret = secret;
    }

    /**
     * Checks a token.
     *
     * @throws IllegalArgumentException if it cannot be one; it is not shown
     */
    static String checkedToken(String token, String whose) {
        if (!requireNonNull(token, "token").matches("[!-~]{1,4096}")) {
            throw new IllegalArgumentException(
                    "the " + whose + " token is not one line of 1 to 4096 visible ASCII characters");
        }
        return token;
    }

    ApiReply get(String path) {
        return send("GET", path, "");
    }

    ApiReply post(String path, Map<String, ?> body) {
        return send("POST", path, JsonObject.write(body));
    }

    ApiReply delete(String path) {
        return send("DELETE", path, "");
    }

    /** The answer of a request that must succeed. */
    JsonObject required(ApiReply reply, String what) {
        return requireSuccess(reply, what).json();
    }

    ApiReply requireSuccess(ApiReply reply, String what) {
        if (!reply.isSuccess()) {
            throw client.refused(reply, what, secret);
        }
        return reply;
    }

    /** As {@link #required}, but that there is no such thing is no failure. */
    Optional<JsonObject> found(ApiReply reply, String what) {
        return reply.status() == 404 ? Optional.empty() : Optional.of(required(reply, what));
    }

    /** For a path or a query. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private ApiReply send(String method, String path, String body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Authorization", "Bearer " + token.get());
        headers.put("Accept", "application/json");
        if (!body.isEmpty()) {
            headers.put("Content-Type", "application/json");
        }
        return client.send(method, client.endpoint().resolve(path), headers, body);
    }

    @Override
    public String toString() {
        return client.endpoint().base() + " by " + secret;
    }
}
