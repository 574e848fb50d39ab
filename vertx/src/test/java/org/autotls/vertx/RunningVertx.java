package org.autotls.vertx;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.autotls.testkit.TlsTestServer;

/** A Vert.x of its own with one server. */
final class RunningVertx implements TlsTestServer {

    private static final int LIMIT_SECONDS = 60;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger conversations;
    private final int port;

    RunningVertx(AtomicInteger conversations, Function<Vertx, Future<Integer>> listen) throws Exception {
        this.conversations = conversations;
        try {
            this.port = await(listen.apply(vertx));
        } catch (ExecutionException e) {
            close();
            throw e;
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int conversations() {
        return conversations.get();
    }

    @Override
    public void close() {
        try {
            await(vertx.close());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T await(Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.toCompletionStage().toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
