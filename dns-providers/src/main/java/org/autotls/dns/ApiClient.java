package org.autotls.dns;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.internal.BoundedBody;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to one provider's API. Each has one deadline for connecting, headers and body together, and a bounded body; no
 * redirect is followed, since credentials travel with it. Headers are never logged or shown.
 *
 * <p>Failures, by what a caller does next: {@code NETWORK} if connecting fails or the connection breaks, {@code
 * UNPROVED} if the provider is in trouble, has not answered by the deadline, talks garbage or asks for patience (then
 * with the time), {@code CONFIGURATION} if it refuses us. None is of a kind that lets another CA be asked in vain for
 * what is no CA's fault.
 *
 * <p><b>Threads.</b> Safe for many threads. Blocks for at most the deadline.
 */
final class ApiClient {

    private static final Logger LOG = LoggerFactory.getLogger(ApiClient.class);
    private static final int MAX_BODY = 1 << 20;

    private final String name;
    private final ApiEndpoint endpoint;
    private final HttpClient http;

    ApiClient(String name, ApiEndpoint endpoint) {
        this.name = name;
        this.endpoint = endpoint;
        // No limit for connecting alone: the deadline of the whole comes at the same time, and either could win.
        this.http = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    ApiEndpoint endpoint() {
        return endpoint;
    }

    Instant now() {
        return endpoint.clock().instant();
    }

    /**
     * Sends one request.
     *
     * @param body sent as it is; empty for none
     * @return whatever was answered
     * @throws IssueException if there was no answer; {@code STOPPED} if the thread is interrupted
     */
    ApiReply send(String method, URI url, Map<String, String> headers, String body) {
        BodyPublisher content = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).method(method, content).header("User-Agent", "autotls");
        headers.forEach(request::header);
        BoundedBody received = new BoundedBody(MAX_BODY);
        CompletableFuture<HttpResponse<byte[]>> sent = http.sendAsync(request.build(), info -> received);
        try {
            HttpResponse<byte[]> response = sent.get(endpoint.deadline().toMillis(), TimeUnit.MILLISECONDS);
            LOG.debug("{} {}: {}", method, url, response.statusCode());
            return new ApiReply(
                    name,
                    response.statusCode(),
                    new String(response.body(), StandardCharsets.UTF_8),
                    retryAfter(response));
        } catch (TimeoutException e) {
            throw new IssueException(
                    Kind.UNPROVED,
                    name + " did not answer in full within "
                            + endpoint.deadline().toMillis() + " ms: " + url);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IssueException(Kind.STOPPED, "a request to " + name + " was stopped", e);
        } catch (ExecutionException e) {
            throw failed(url, e.getCause());
        } finally {
            received.abort(new IOException("given up")); // of no effect once all is received
            sent.cancel(true);
        }
    }

    private IssueException failed(URI url, @Nullable Throwable cause) {
        boolean network = cause instanceof IOException && !(cause instanceof BoundedBody.TooLargeException);
        String why = cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
        return network
                ? new IssueException(Kind.NETWORK, name + " cannot be reached at " + url + ": " + why, cause)
                : new IssueException(Kind.UNPROVED, name + " answered badly: " + why, cause);
    }

    /**
     * Makes the failure for an answer that is no success.
     *
     * @param what was tried, "adding TXT at example.org"
     * @param secret what the user has to look at if we are refused, "the API token"
     */
    IssueException refused(ApiReply reply, String what, String secret) {
        String said = what + ": " + name + " answered " + reply.status() + ": " + reply.shown();
        return switch (reply.status()) {
            case 401 -> new IssueException(Kind.CONFIGURATION, said + "; it does not know " + secret);
            case 403 ->
                new IssueException(Kind.CONFIGURATION, said + "; " + secret + " lacks the right to change this zone");
            case 429 -> busy(reply, said + "; it asks for patience");
            default -> reply.status() >= 500 ? busy(reply, said) : new IssueException(Kind.CONFIGURATION, said);
        };
    }

    private IssueException busy(ApiReply reply, String said) {
        @Nullable Instant retryAt = reply.retryAfter() == 0 ? null : now().plusSeconds(reply.retryAfter());
        return new IssueException(Kind.UNPROVED, said, null, null, retryAt);
    }

    private static long retryAfter(HttpResponse<?> response) {
        String text = response.headers().firstValue("Retry-After").orElse("").strip();
        return text.matches("[0-9]{1,5}") ? Long.parseLong(text) : 0; // a day and more is no answer to anything
    }
}
