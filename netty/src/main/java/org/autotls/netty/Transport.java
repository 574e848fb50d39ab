package org.autotls.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;

/** How Netty reaches the system's sockets: native epoll, or the JDK's NIO where there is none. */
enum Transport {
    EPOLL,
    NIO;

    /** Returns the best that this machine has. */
    static Transport preferred() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Returns the transport that a channel belongs to: a connection to the backend runs on the same event loop. */
    static Transport of(Channel channel) {
        return channel.getClass().getPackage().equals(EpollSocketChannel.class.getPackage()) ? EPOLL : NIO;
    }

    EventLoopGroup newGroup() {
        return new MultiThreadIoEventLoopGroup(
                0,
                new DefaultThreadFactory("autotls-netty"),
                this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    ServerChannel newServerChannel(SocketProtocolFamily family) {
        if (family == SocketProtocolFamily.UNIX) {
            return this == EPOLL ? new EpollServerDomainSocketChannel() : new NioServerDomainSocketChannel();
        }
        return this == EPOLL
                ? new EpollServerSocketChannel(family)
                : new NioServerSocketChannel(SelectorProvider.provider(), family);
    }

    Channel newClientChannel(boolean unix) {
        if (unix) {
            return this == EPOLL ? new EpollDomainSocketChannel() : new NioDomainSocketChannel();
        }
        return this == EPOLL ? new EpollSocketChannel() : new NioSocketChannel();
    }

    SocketAddress unixAddress(Path path) {
        return this == EPOLL ? new DomainSocketAddress(path.toFile()) : UnixDomainSocketAddress.of(path);
    }
}
