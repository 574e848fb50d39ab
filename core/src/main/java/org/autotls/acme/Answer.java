package org.autotls.acme;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Problem;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/**
 * A whole HTTP answer of the CA. Immutable.
 *
 * @param url what was asked
 * @param status the HTTP status
 * @param headers all headers
 * @param body all of the body
 * @param at when it had arrived
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; made once and only read
record Answer(URI url, int status, HttpHeaders headers, byte[] body, Instant at) {

    private static final int MAX_NONCE = 1000;
    private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9_-]+");

    boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** The resource has moved, or was never there: reason to read the directory again. */
    boolean isGone() {
        return status == 404 || status == 405;
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The JSON object of a successful answer; anything else is the server's trouble. */
    JsonObject json() {
        try {
            return JsonObject.parse(text());
        } catch (IllegalArgumentException e) {
            throw new IssueException(Kind.SERVER, url + " answered " + status + ", but not with JSON: " + quote(), e);
        }
    }

    /** The problem document (RFC 8555 §6.7), whatever its media type. */
    Optional<Problem> problem() {
        return isSuccess() ? Optional.empty() : Problems.parse(text(), status);
    }

    boolean isProblem(String type) {
        return problem().filter(problem -> problem.type().equals(type)).isPresent();
    }

    /** The nonce for a later request (RFC 8555 §6.5.1); one that is not base64url, or absurdly long, is ignored. */
    Optional<String> nonce() {
        return headers.firstValue("Replay-Nonce")
                .filter(nonce ->
                        nonce.length() <= MAX_NONCE && NONCE.matcher(nonce).matches());
    }

    /** How long the CA asks us to wait, 1 s to 1 day. */
    Optional<Duration> retryAfter() {
        Instant sent = headers.firstValue("Date").flatMap(RetryAfter::date).orElse(at);
        return RetryAfter.parse(headers.allValues("Retry-After"), sent);
    }

    /** The URL of what was made (RFC 8555 §7.3, §7.4). */
    String location() {
        return headers.firstValue("Location")
                .orElseThrow(() -> new IssueException(Kind.SERVER, url + " answered " + status + " without Location"));
    }

    /** The beginning of the body, fit for a message. */
    String quote() {
        return body.length == 0 ? "an empty body" : "'" + Text.escape(text()) + "'";
    }

    @Override
    public String toString() {
        return "Answer[" + url + ", " + status + ", " + body.length + " bytes]";
    }
}
