package org.autotls.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.autotls.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where decrypted bytes go. Says once that it is down, and once that it is back. Safe for many threads. */
final class Backend {

    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private sealed interface Address {}

    private record Tcp(String host, int port, HostLookup lookup) implements Address {

        @Override
        public String toString() {
            return "tcp:" + host + ":" + port;
        }
    }

    private record Unix(Path path) implements Address {

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    private final Address address;
    private final AtomicBoolean down = new AtomicBoolean();

    Backend(String host, int port, HostLookup lookup) {
        this.address = new Tcp(host, port, lookup);
    }

    Backend(Path path) {
        this.address = new Unix(path);
    }

    /** Looks the host up, then connects on the client's own event loop; the connection does not read before it is told to. */
    Future<Channel> connect(Channel client, ChannelHandler handler) {
        Promise<Channel> connected = client.eventLoop().newPromise();
        connected.addListener(future -> report(future.isSuccess(), future.cause()));
        Transport transport = Transport.of(client);
        Bootstrap bootstrap = new Bootstrap()
                .group(client.eventLoop())
                .channelFactory(() -> transport.newClientChannel(address instanceof Unix))
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .handler(handler);
        if (address instanceof Tcp tcp) {
            tcp.lookup().find(client.eventLoop()).addListener((FutureListener<InetAddress>) found -> {
                if (found.isSuccess()) {
                    connect(bootstrap, new InetSocketAddress(found.getNow(), tcp.port()), connected);
                } else {
                    connected.setFailure(found.cause());
                }
            });
        } else if (address instanceof Unix unix) {
            connect(bootstrap, transport.unixAddress(unix.path()), connected);
        }
        return connected;
    }

    private static void connect(Bootstrap bootstrap, SocketAddress where, Promise<Channel> connected) {
        bootstrap.connect(where).addListener((ChannelFutureListener) connecting -> {
            if (connecting.isSuccess()) {
                connected.setSuccess(connecting.channel());
            } else {
                connected.setFailure(connecting.cause());
            }
        });
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
        return address.toString();
    }
}
