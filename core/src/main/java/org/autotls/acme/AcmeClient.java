package org.autotls.acme;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one CA for one account (RFC 8555 §6): the directory, kept for a day; a pool of nonces fed by every answer;
 * signed posts that are sent again when their nonce is refused.
 *
 * <p>Futures of posts complete with whatever the CA answered, refusals too; they fail with {@link IssueException} if there
 * was no answer.
 *
 * <p><b>Threads.</b> Safe for many threads; never blocks.
 */
final class AcmeClient {

    private static final Duration DIRECTORY_LIFETIME = Duration.ofDays(1);

    /** How long a directory is kept that something failed with: one bad answer must not last for a day. */
    private static final Duration DOUBTED_LIFETIME = Duration.ofSeconds(20);

    /** At half of all nonces refused, twenty tries lose one request in a million; at all refused, they end. */
    private static final int NONCE_TRIES = 20;

    private static final int POOLED_NONCES = 100;

    private record CachedDirectory(CompletableFuture<Directory> document, Instant readAt, Duration lifetime) {}

    private final URI directoryUrl;
    private final Transport transport;
    private final Scheduler scheduler;
    private final AtomicReference<@Nullable CachedDirectory> cache = new AtomicReference<>();
    private final ConcurrentLinkedDeque<String> nonces = new ConcurrentLinkedDeque<>();

    AcmeClient(URI directoryUrl, Transport transport, Scheduler scheduler) {
        this.directoryUrl = directoryUrl;
        this.transport = transport;
        this.scheduler = scheduler;
    }

    /** The directory (§7.1.1), read again daily; callers that come meanwhile share one request. */
    CompletableFuture<Directory> directory() {
        CachedDirectory cached = cache.get();
        if (cached != null && isFresh(cached)) {
            return cached.document();
        }
        CachedDirectory fresh = new CachedDirectory(new CompletableFuture<>(), scheduler.instant(), DIRECTORY_LIFETIME);
        if (!cache.compareAndSet(cached, fresh)) {
            return directory();
        }
        readDirectory().whenComplete((document, failure) -> {
            if (failure == null) {
                fresh.document().complete(document);
            } else {
                cache.updateAndGet(now -> now == null || now.document() == fresh.document() ? null : now);
                fresh.document().completeExceptionally(Async.unwrap(failure));
            }
        });
        return fresh.document();
    }

    /** Posts to one of the directory's own resources; if it has moved, the directory is read again, once. */
    CompletableFuture<Answer> post(Function<Directory, URI> resource, Signer signer, String payload) {
        return atResource(resource, url -> signed(url, signer, payload, Transport.JSON_LIMIT));
    }

    /** Posts to a URL that the CA named. */
    CompletableFuture<Answer> post(URI url, Signer signer, String payload, int limit) {
        return directory()
                .thenCompose(
                        directory -> signed(directory.permitted(url.toString(), "an answer"), signer, payload, limit));
    }

    /** Tells that something went wrong that a wrong directory would explain: it is read again soon. */
    void doubtDirectory() {
        CachedDirectory cached = cache.get();
        if (cached != null) {
            cache.compareAndSet(cached, new CachedDirectory(cached.document(), cached.readAt(), DOUBTED_LIFETIME));
        }
    }

    /**
     * Asks about a certificate (RFC 9773 §4.1), which anybody may: no account, no nonce. If the resource has moved, the
     * directory that is read each day will say so.
     *
     * @return the answer, success or not; empty if the CA has no renewal information
     */
    CompletableFuture<Optional<Answer>> renewalInfo(String certificateId) {
        return directory()
                .thenCompose(directory -> directory
                        .renewalInfo()
                        .map(base -> transport.get(below(base, certificateId)).thenApply(Optional::of))
                        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty())));
    }

    private static URI below(URI base, String segment) {
        String path = base.toString();
        return URI.create(path + (path.endsWith("/") ? "" : "/") + segment);
    }

    private boolean isFresh(CachedDirectory cached) {
        Duration age = Duration.between(cached.readAt(), scheduler.instant());
        return !age.isNegative() && age.compareTo(cached.lifetime()) < 0;
    }

    private CompletableFuture<Directory> readDirectory() {
        return transport.get(directoryUrl).thenApply(answer -> {
            if (answer.status() != 200) {
                throw Failures.of("reading the directory", answer);
            }
            Directory directory = Directory.parse(directoryUrl, answer.json());
            transport.learn(directory);
            return directory;
        });
    }

    private CompletableFuture<Answer> atResource(
            Function<Directory, URI> resource, Function<URI, CompletableFuture<Answer>> send) {
        return directory()
                .thenCompose(directory -> send.apply(resource.apply(directory)).thenCompose(answer -> {
                    if (!answer.isGone()) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    forget(directory);
                    return directory().thenCompose(again -> send.apply(resource.apply(again)));
                }));
    }

    private void forget(Directory moved) {
        CachedDirectory cached = cache.get();
        if (cached != null
                && cached.document().isDone()
                && moved.equals(cached.document().getNow(moved))) {
            cache.compareAndSet(cached, null);
        }
    }

    private CompletableFuture<Answer> signed(URI url, Signer signer, String payload, int limit) {
        return nonce().thenCompose(nonce -> attempt(url, signer, payload, limit, nonce, NONCE_TRIES));
    }

    /** Sends with {@code nonce}; if that is refused, again with the nonce that came with the refusal (§6.5). */
    private CompletableFuture<Answer> attempt(
            URI url, Signer signer, String payload, int limit, String nonce, int tries) {
        return sendTwice(url, signer.sign(url, nonce, payload), limit).thenCompose(answer -> {
            Optional<String> next = answer.nonce();
            if (!answer.isProblem("badNonce")) {
                next.ifPresent(this::keep);
                return CompletableFuture.completedFuture(answer);
            }
            if (tries <= 1) {
                throw new IssueException(
                        Kind.SERVER, url + " refused " + NONCE_TRIES + " nonces in a row, each fresh from the CA");
            }
            return next.map(CompletableFuture::completedFuture)
                    .orElseGet(this::requestNonce)
                    .thenCompose(fresh -> attempt(url, signer, payload, limit, fresh, tries - 1));
        });
    }

    /**
     * Sends again, once, if the connection broke: most often an idle one that the CA had closed, which the JDK's client does
     * not repeat for POST. Every request of ours is safe to repeat; a nonce that was used up comes back as badNonce.
     */
    private CompletableFuture<Answer> sendTwice(URI url, String jws, int limit) {
        return transport.post(url, jws, limit).exceptionallyCompose(thrown -> {
            boolean broken = Async.unwrap(thrown) instanceof IssueException failure && failure.kind() == Kind.NETWORK;
            return broken ? transport.post(url, jws, limit) : CompletableFuture.failedFuture(thrown);
        });
    }

    private CompletableFuture<String> nonce() {
        String pooled = nonces.pollFirst(); // the newest: CAs forget old ones
        return pooled != null ? CompletableFuture.completedFuture(pooled) : requestNonce();
    }

    /** Asks for a nonce (§7.2). */
    private CompletableFuture<String> requestNonce() {
        return atResource(Directory::newNonce, transport::head).thenApply(answer -> {
            if (!answer.isSuccess()) {
                throw Failures.of("asking for a nonce", answer);
            }
            return answer.nonce()
                    .orElseThrow(() ->
                            new IssueException(Kind.SERVER, answer.url() + " sent no Replay-Nonce that can be used"));
        });
    }

    private void keep(String nonce) {
        nonces.addFirst(nonce);
        if (nonces.size() > POOLED_NONCES) {
            nonces.pollLast();
        }
    }
}
