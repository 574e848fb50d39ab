package org.autotls.netty;

import io.netty.channel.ChannelException;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.autotls.Text;
import org.autotls.endpoint.ListenAddress;

/**
 * The sockets that the service manager has handed over: file descriptors 3, 4, … as sd_listen_fds(3) says. They are ours
 * only if {@code LISTEN_PID} is this process: a parent's environment says nothing about our descriptors.
 *
 * <p>Immutable.
 */
final class InheritedSockets {

    private static final int FIRST_DESCRIPTOR = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int TIMEVAL_SIZE = 16;

    private final Map<String, String> environment;
    private final long pid;

    InheritedSockets(Map<String, String> environment, long pid) {
        this.environment = Map.copyOf(environment);
        this.pid = pid;
    }

    /** Returns what this process has inherited. */
    static InheritedSockets ofThisProcess() {
        return new InheritedSockets(System.getenv(), ProcessHandle.current().pid());
    }

    /** Opens a socket that is bound and listening already; it only needs to be registered. */
    ServerChannel open(ListenAddress.Systemd address, Transport transport) {
        if (transport != Transport.EPOLL) {
            throw refuse(address, "an inherited socket needs Netty's native epoll, which this machine lacks");
        }
        int descriptor = descriptor(address);
        try {
            return address.family() == ListenAddress.Family.UNIX
                    ? unblocked(new EpollServerDomainSocketChannel(descriptor))
                    : unblocked(new EpollServerSocketChannel(descriptor));
        } catch (ChannelException e) {
            throw refuse(address, "file descriptor " + descriptor + " is not a listening socket: " + e.getMessage());
        }
    }

    private int descriptor(ListenAddress.Systemd address) {
        String listenPid = environment.getOrDefault("LISTEN_PID", "");
        String listenFds = environment.getOrDefault("LISTEN_FDS", "");
        if (listenFds.isEmpty()) {
            throw refuse(
                    address, "no socket was handed over: LISTEN_FDS is not set; start it from a systemd socket unit");
        }
        if (!listenPid.equals(Long.toString(pid))) {
            throw refuse(
                    address,
                    "the sockets were handed to another process: LISTEN_PID is '" + Text.escape(listenPid)
                            + "', this is " + pid + "; a wrapper script must exec java");
        }
        int count = listenFds.matches("[0-9]{1,5}") ? Integer.parseInt(listenFds) : 0;
        if (address.index() >= count) {
            throw refuse(
                    address,
                    "index " + address.index() + " of " + Text.escape(listenFds) + " sockets; the first has index 0");
        }
        return FIRST_DESCRIPTOR + address.index();
    }

    // systemd hands over blocking sockets unless told otherwise, and nothing in the JDK or Netty can change that
    // flag: an accept(2) that finds the queue empty would hold up the whole event loop. With a receive timeout it
    // comes back.
    private static <T extends ServerChannel> T unblocked(T channel) {
        ByteBuffer timeval = ByteBuffer.allocateDirect(TIMEVAL_SIZE).order(ByteOrder.nativeOrder());
        timeval.putLong(0).putLong(1000).flip();
        channel.config()
                .setOption(new RawUnixChannelOption("SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO, TIMEVAL_SIZE), timeval);
        return channel;
    }

    private static ListenException refuse(ListenAddress address, String why) {
        return new ListenException(address, "cannot listen on " + address + ": " + why, null);
    }
}
