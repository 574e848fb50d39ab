package org.autotls.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An endpoint that listens. Closing it stops the issuing service too, unless that was there before the endpoint.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class ListeningPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ListeningPort.class);

    private final ListenAddress address;
    private final Channel channel;
    private final Connections connections;
    private final EventLoopGroup group;
    private final @Nullable AutoTls autoTls;
    private final boolean closesAutoTls;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    ListeningPort(
            ListenAddress address,
            Channel channel,
            Connections connections,
            EventLoopGroup group,
            @Nullable AutoTls autoTls,
            boolean closesAutoTls) {
        this.address = address;
        this.channel = channel;
        this.connections = connections;
        this.group = group;
        this.autoTls = autoTls;
        this.closesAutoTls = closesAutoTls;
        group.terminationFuture().addListener(ended -> closed.complete(null));
    }

    /**
     * Returns where the socket is bound.
     *
     * @return with the port that the system chose, if it was to choose one
     */
    public SocketAddress localAddress() {
        return channel.localAddress();
    }

    /**
     * Returns what keeps the certificates.
     *
     * @return empty if the endpoint has no TLS
     */
    public Optional<AutoTls> autoTls() {
        return Optional.ofNullable(autoTls);
    }

    /**
     * Stops accepting. Connections that are open go on, and so does the issuing service, until {@link #close}. May be
     * repeated.
     *
     * @return completes when the connections that are open now have ended, which may be never
     */
    public CompletionStage<Void> drain() {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        channel.close().addListener(closed -> connections.ended().addListener(ended -> drained.complete(null)));
        return drained.minimalCompletionStage();
    }

    /**
     * Tells when the last connection and thread of this port are gone.
     *
     * @return completes after {@link #close}
     */
    public CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }

    /**
     * Stops accepting, stops the issuing service (waiting for it at most 3 s) and closes all connections within a second
     * after that. May be repeated, and called from any thread, an event loop too.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        LOG.info("no longer listening on {}", address);
        channel.close();
        if (autoTls != null && closesAutoTls) {
            autoTls.close();
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    EventLoopGroup executor() {
        return group;
    }
}
