package org.autotls.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Builds the pipeline of each accepted connection. The address is bound before certificates are there, and nothing is
 * accepted before {@link #serve}. Safe for many threads.
 */
@Sharable
final class Connections extends ChannelInitializer<Channel> {

    private record Service(
            Duration headerDeadline, @Nullable SslContext tls, ChannelHandler application) {}

    private final ChannelGroup open;
    private volatile @Nullable Service service;

    /** {@code executor} tells those who wait for connections to end. */
    Connections(EventExecutor executor) {
        this.open = new DefaultChannelGroup(executor);
    }

    /** Says what connections get: a PROXY header is required if its deadline is not zero. */
    void serve(Duration headerDeadline, @Nullable SslContext tls, ChannelHandler application) {
        service = new Service(headerDeadline, tls, application);
    }

    /** Returns what is done when all that are open now have ended. */
    Future<?> ended() {
        return open.newCloseFuture();
    }

    @Override
    protected void initChannel(Channel channel) {
        Service current = service;
        if (current == null) {
            throw new IllegalStateException("a connection was accepted before there was anything to serve");
        }
        open.add(channel);
        ChannelPipeline pipeline = channel.pipeline();
        if (!current.headerDeadline().isZero()) {
            pipeline.addLast(ProxyHeaderHandler.newDecoder(), new ProxyHeaderHandler(current.headerDeadline()));
        }
        if (current.tls() != null) {
            pipeline.addLast(current.tls().newHandler(channel.alloc()));
        }
        pipeline.addLast(current.application());
    }
}
