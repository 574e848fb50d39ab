package org.autotls.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.autotls.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where decrypted bytes go. Says once that it is down, and once that it is back. Safe for many threads. */
final class Backend {

    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** A TCP address, unresolved, or the path of a unix domain socket. */
    private final Object address;

    private final AtomicBoolean down = new AtomicBoolean();

    Backend(InetSocketAddress address) {
        this.address = address;
    }

    Backend(Path path) {
        this.address = path;
    }

    /** Connects on the client's own event loop; the connection does not read before it is told to. */
    ChannelFuture connect(Channel client, ChannelHandler handler) {
        Transport transport = Transport.of(client);
        boolean unix = address instanceof Path;
        Bootstrap bootstrap = new Bootstrap()
                .group(client.eventLoop())
                .channelFactory(() -> transport.newClientChannel(unix))
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .handler(handler);
        ChannelFuture connecting = address instanceof Path path
                ? bootstrap.connect(transport.unixAddress(path))
                : bootstrap.connect((InetSocketAddress) address);
        return connecting.addListener(future -> report(future.isSuccess(), future.cause()));
    }

    private void report(boolean up, Throwable cause) {
        if (up) {
            if (down.compareAndSet(true, false)) {
                LOG.info("the backend {} can be reached again", this);
            }
        } else if (down.compareAndSet(false, true)) {
            LOG.warn(
                    "the backend {} cannot be reached, clients are disconnected until it is back: {}",
                    this,
                    Text.escape(String.valueOf(cause.getMessage())));
        }
    }

    @Override
    public String toString() {
        return address instanceof InetSocketAddress tcp
                ? "tcp:" + tcp.getHostString() + ":" + tcp.getPort()
                : "unix:" + address;
    }
}
