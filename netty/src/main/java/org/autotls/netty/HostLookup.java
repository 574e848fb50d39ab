package org.autotls.netty;

import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the address of a host, and holds up no event loop: the system's resolver blocks, for long if its servers are silent,
 * and on a loop every other connection would wait with it, CAs' validations too.
 *
 * <p>Who asks while an answer is awaited gets that one, so one thread is enough for all clients. Who has waited for the time
 * limit gets none. Safe for many threads.
 */
final class HostLookup {

    private static final int LIMIT_SECONDS = 10;

    /** What asks, and blocks. */
    @FunctionalInterface
    interface Resolver {
        InetAddress resolve(String host) throws UnknownHostException;
    }

    private final String host;
    private final Resolver resolver;
    private final Executor executor;

    /** Guarded by this. */
    private @Nullable CompletableFuture<InetAddress> awaited;

    HostLookup(String host, Resolver resolver, Executor executor) {
        this.host = host;
        this.resolver = resolver;
        this.executor = executor;
    }

    /** By the system's resolver, {@code /etc/hosts} included, on a thread that ends when it is idle; an address needs none. */
    static HostLookup of(String host) {
        boolean address = NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
        return new HostLookup(host, InetAddress::getByName, address ? Runnable::run : thread());
    }

    private static Executor thread() {
        return new ThreadPoolExecutor(0, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "autotls-resolver");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Finds the address anew. Listeners are called on the loop. */
    Future<InetAddress> find(EventExecutor loop) {
        Promise<InetAddress> found = loop.newPromise();
        ask().whenComplete((address, failure) -> {
            if (failure == null) {
                found.trySuccess(address);
            } else {
                found.tryFailure(failure);
            }
        });
        if (!found.isDone()) {
            Future<?> limit = loop.schedule(
                    () -> found.tryFailure(new UnknownHostException(
                            host + ": the resolver has been silent for " + LIMIT_SECONDS + " s")),
                    LIMIT_SECONDS,
                    TimeUnit.SECONDS);
            found.addListener(done -> limit.cancel(false));
        }
        return found;
    }

    private synchronized CompletableFuture<InetAddress> ask() {
        CompletableFuture<InetAddress> before = awaited;
        if (before != null && !before.isDone()) {
            return before;
        }
        CompletableFuture<InetAddress> answer = new CompletableFuture<>();
        awaited = answer;
        executor.execute(() -> {
            try {
                answer.complete(resolver.resolve(host));
            } catch (UnknownHostException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }
}
