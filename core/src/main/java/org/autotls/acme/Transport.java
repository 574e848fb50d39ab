package org.autotls.acme;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Scheduler;
import org.autotls.internal.BoundedBody;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS to a CA: every request has one total deadline (connecting, headers and body) and a bounded body; no redirect is
 * followed. What the CA limits waits for its turn before that. A future of this class fails with {@link IssueException}
 * only: {@code NETWORK} if the CA could not be reached or the connection broke, {@code SERVER} if it stalled or sent too much.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks.
 */
final class Transport {

    /** The largest directory, order, authorization or problem that is read. */
    static final int JSON_LIMIT = 1 << 20;

    /** The largest certificate chain that is read. */
    static final int CHAIN_LIMIT = 256 << 10;

    private final HttpClient http;
    private final Scheduler scheduler;
    private final Duration timeout;
    private final String userAgent;
    private final RequestPace pace;

    Transport(HttpClient http, Scheduler scheduler, Duration timeout, String userAgent, RequestPace pace) {
        this.http = http;
        this.scheduler = scheduler;
        this.timeout = timeout;
        this.userAgent = userAgent;
        this.pace = pace;
    }

    CompletableFuture<Answer> get(URI url) {
        return send(() -> request(url).GET().build(), url, JSON_LIMIT);
    }

    CompletableFuture<Answer> head(URI url) {
        return send(() -> request(url).method("HEAD", BodyPublishers.noBody()).build(), url, JSON_LIMIT);
    }

    /** Posts a JWS (RFC 8555 §6.2). The body's length is known: some CAs refuse chunked requests. */
    CompletableFuture<Answer> post(URI url, String jws, int limit) {
        return send(
                () -> request(url)
                        .header("Content-Type", "application/jose+json")
                        .POST(BodyPublishers.ofString(jws))
                        .build(),
                url,
                limit);
    }

    private HttpRequest.Builder request(URI url) {
        return HttpRequest.newBuilder(url).header("User-Agent", userAgent).header("Accept-Language", "en");
    }

    /** Learns which requests the CA limits. */
    void learn(Directory directory) {
        pace.learn(directory);
    }

    private CompletableFuture<Answer> send(Supplier<HttpRequest> request, URI url, int limit) {
        Duration wait = pace.reserve(url, scheduler.instant());
        if (wait.isZero()) {
            return sendNow(request, url, limit);
        }
        CompletableFuture<Answer> later = new CompletableFuture<>();
        scheduler.schedule(
                wait,
                () -> sendNow(request, url, limit).whenComplete((answer, failure) -> {
                    if (failure == null) {
                        later.complete(answer);
                    } else {
                        later.completeExceptionally(Async.unwrap(failure));
                    }
                }));
        return later;
    }

    private CompletableFuture<Answer> sendNow(Supplier<HttpRequest> request, URI url, int limit) {
        CompletableFuture<Answer> result = new CompletableFuture<>();
        BoundedBody body = new BoundedBody(limit);
        CompletableFuture<HttpResponse<byte[]>> sent;
        try {
            sent = http.sendAsync(request.get(), info -> body);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(failure(url, e));
        }
        Scheduler.Cancellable deadline = scheduler.schedule(timeout, () -> {
            IssueException late = new IssueException(
                    Kind.SERVER, "the CA did not answer in full within " + seconds(timeout) + " (a timeout): " + url);
            result.completeExceptionally(late);
            body.abort(late);
            sent.cancel(true);
        });
        sent.whenComplete((response, failed) -> {
            deadline.cancel();
            if (response == null) {
                result.completeExceptionally(failure(url, failed));
            } else if (response.body() == null) { // so the JDK's client shows a proxy that makes no way to the CA
                result.completeExceptionally(new IssueException(
                        Kind.NETWORK,
                        "the CA cannot be reached at " + url + ": a proxy answered " + response.statusCode()));
            } else {
                result.complete(new Answer(
                        url, response.statusCode(), response.headers(), response.body(), scheduler.instant()));
            }
        });
        return result;
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    private static IssueException failure(URI url, @Nullable Throwable thrown) {
        Throwable cause = Async.unwrap(requireNonNull(thrown));
        if (cause instanceof IssueException known) {
            return known;
        }
        // The client throws IllegalArgumentException for a Content-Length that it cannot hold: the server's fault.
        boolean network = cause instanceof IOException && !(cause instanceof BoundedBody.TooLargeException);
        return network
                ? new IssueException(Kind.NETWORK, Unreachable.describe(url, cause), cause)
                : new IssueException(Kind.SERVER, url + ": " + Unreachable.name(cause), cause);
    }
}
