package org.autotls.dns;

import java.util.Optional;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/**
 * What a provider answered. Immutable.
 *
 * @param api who
 * @param status of HTTP
 * @param body at most 1 MiB
 * @param retryAfter the header, in seconds; 0 if there is none
 */
record ApiReply(String api, int status, String body, long retryAfter) {

    private static final int SHOWN = 300;

    boolean isSuccess() {
        return status / 100 == 2;
    }

    /**
     * Reads the body.
     *
     * @throws IssueException of kind {@code UNPROVED} if it is not JSON
     */
    JsonObject json() {
        return jsonOrEmpty()
                .orElseThrow(() -> new IssueException(
                        Kind.UNPROVED, api + " answered " + status + " with what is not JSON: " + shown()));
    }

    Optional<JsonObject> jsonOrEmpty() {
        try {
            return Optional.of(JsonObject.parse(body));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    String shown() {
        return body.isEmpty() ? "nothing" : Text.escape(body, SHOWN);
    }

    /** Not the body, which may hold a token. */
    @Override
    public String toString() {
        return api + " " + status;
    }
}
