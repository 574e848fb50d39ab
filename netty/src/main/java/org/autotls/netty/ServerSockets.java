package org.autotls.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketProtocolFamily;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.autotls.endpoint.ListenAddress;
import org.autotls.endpoint.ListenAddress.Family;

/**
 * Opens the listening socket of a {@link ListenAddress}. Blocks; not for an event loop. The socket accepts nothing before
 * its channel is told to read.
 */
final class ServerSockets {

    private final Transport transport;
    private final InheritedSockets inherited;

    ServerSockets(Transport transport, InheritedSockets inherited) {
        this.transport = transport;
        this.inherited = inherited;
    }

    /**
     * Binds and listens.
     *
     * @throws ListenException saying what to do; nothing is left behind
     */
    Channel open(ListenAddress address, ServerBootstrap bootstrap) {
        bootstrap.option(ChannelOption.AUTO_READ, false);
        try {
            if (address instanceof ListenAddress.Tcp tcp) {
                return tcp(tcp, bootstrap);
            }
            return address instanceof ListenAddress.Unix unix
                    ? unix(unix, bootstrap)
                    : systemd((ListenAddress.Systemd) address, bootstrap);
        } catch (IOException e) {
            throw BindFailures.explain(address, e);
        }
    }

    private Channel tcp(ListenAddress.Tcp tcp, ServerBootstrap bootstrap) throws UnknownHostException {
        boolean v6 = tcp.family() == Family.INET6;
        InetSocketAddress local = new InetSocketAddress(interfaceAddress(tcp.host(), v6), tcp.port());
        bootstrap.channelFactory(
                () -> transport.newServerChannel(v6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET));
        bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
        return await(
                tcp, bootstrap.option(ChannelOption.SO_BACKLOG, tcp.backlog()).bind(local));
    }

    private Channel unix(ListenAddress.Unix unix, ServerBootstrap bootstrap) throws IOException {
        removeStale(unix);
        bootstrap.channelFactory(() -> transport.newServerChannel(SocketProtocolFamily.UNIX));
        Channel channel = await(
                unix,
                bootstrap.option(ChannelOption.SO_BACKLOG, unix.backlog()).bind(transport.unixAddress(unix.path())));
        try {
            Files.setPosixFilePermissions(unix.path(), permissions(unix.mode()));
            Object inode = inode(unix.path());
            channel.closeFuture().addListener(closed -> removeOwn(unix.path(), inode));
        } catch (IOException e) {
            channel.close().awaitUninterruptibly();
            Files.deleteIfExists(unix.path());
            throw e;
        }
        return channel;
    }

    private Channel systemd(ListenAddress.Systemd systemd, ServerBootstrap bootstrap) {
        // Opened first: Netty wraps what a channel factory throws.
        var opened = inherited.open(systemd, transport);
        Channel channel = await(systemd, bootstrap.channelFactory(() -> opened).register());
        boolean right = !(channel.localAddress() instanceof InetSocketAddress local)
                || (systemd.family() == Family.INET6) == (local.getAddress() instanceof Inet6Address);
        if (!right) {
            channel.close().awaitUninterruptibly();
            throw new ListenException(
                    systemd,
                    "cannot listen on " + systemd + ": the socket handed over is bound to " + channel.localAddress()
                            + ", which is not of that domain",
                    null);
        }
        return channel;
    }

    private static Channel await(ListenAddress address, ChannelFuture future) {
        future.awaitUninterruptibly();
        Throwable cause = future.cause();
        if (cause != null) {
            future.channel().close().awaitUninterruptibly();
            throw BindFailures.explain(address, cause);
        }
        return future.channel();
    }

    private static InetAddress interfaceAddress(String host, boolean v6) throws UnknownHostException {
        if (host.isEmpty()) {
            return InetAddress.getByAddress(new byte[v6 ? 16 : 4]);
        }
        for (InetAddress found : InetAddress.getAllByName(host)) {
            if (v6 ? found instanceof Inet6Address : found instanceof Inet4Address) {
                return found;
            }
        }
        throw new UnknownHostException(host + " has no " + (v6 ? "IPv6" : "IPv4") + " address");
    }

    // A socket file outlives a killed server. It is removed only if nobody answers on it.
    private static void removeStale(ListenAddress.Unix unix) throws IOException {
        Path path = unix.path();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int type = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((type & 0170000) != 0140000) {
            throw new IOException(path + " exists and is not a socket");
        }
        if (answers(path)) {
            throw new IOException("already in use");
        }
        Files.deleteIfExists(path);
    }

    private static boolean answers(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException e) {
            return false;
        }
    }

    private static Object inode(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private static void removeOwn(Path path, Object inode) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && inode(path).equals(inode)) {
            Files.deleteIfExists(path);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values(); // owner rwx, group rwx, others rwx
        for (int bit = 0; bit < all.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                permissions.add(all[bit]);
            }
        }
        return permissions;
    }
}
