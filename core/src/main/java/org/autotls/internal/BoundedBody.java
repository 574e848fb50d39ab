package org.autotls.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Collects a response body up to a limit, and can be told to give up. The client's own timeout ends at the headers
 * (JDK-8208693), so a stalled or dripping body is ended from here.
 *
 * <p><b>Threads.</b> The client calls the subscriber one call at a time; {@link #abort} may come from any thread.
 */
public final class BoundedBody implements BodySubscriber<byte[]> {

    /** The body is larger than any honest answer. */
    public static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        TooLargeException(int limit) {
            super("the answer is larger than " + limit + " bytes");
        }
    }

    private final int limit;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private volatile @Nullable Subscription subscription;

    /**
     * Makes a collector for one answer.
     *
     * @param limit how many bytes are taken; one more is a failure
     */
    public BoundedBody(int limit) {
        this.limit = limit;
    }

    /**
     * Ends the transfer; does nothing once the body is complete.
     *
     * @param reason what the body fails with
     */
    public void abort(Throwable reason) {
        if (body.completeExceptionally(reason)) {
            cancel();
        }
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        if (body.isDone()) {
            given.cancel(); // aborted before the first byte
        } else {
            given.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (received.size() + buffer.remaining() > limit) {
                abort(new TooLargeException(limit));
                return;
            }
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            received.writeBytes(bytes);
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(received.toByteArray());
    }

    private void cancel() {
        Subscription given = subscription;
        if (given != null) {
            given.cancel();
        }
    }
}
