package org.autotls.netty;

import io.netty.channel.unix.Errors;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;
import org.autotls.Text;
import org.autotls.endpoint.ListenAddress;

/** Says what a person can do when a socket cannot be bound. Stateless. */
final class BindFailures {

    private static final int FIRST_FREE_PORT = 1024;

    private BindFailures() {}

    static ListenException explain(ListenAddress address, Throwable cause) {
        String said = String.valueOf(cause.getMessage());
        return new ListenException(address, "cannot listen on " + address + ": " + reason(address, cause, said), cause);
    }

    private static String reason(ListenAddress address, Throwable cause, String said) {
        String lower = said.toLowerCase(Locale.ROOT);
        if (lower.contains("permission denied") || cause instanceof AccessDeniedException) {
            return notPermitted(address);
        }
        if (lower.contains("already in use")) {
            return taken(address);
        }
        if (cause instanceof UnknownHostException || lower.contains("assign requested address")) {
            return "this machine has no such interface; 'ip address' shows those it has";
        }
        boolean known = cause instanceof BindException || cause instanceof Errors.NativeIoException;
        return (known ? "" : cause.getClass().getSimpleName() + ": ") + Text.escape(said);
    }

    private static String notPermitted(ListenAddress address) {
        if (address instanceof ListenAddress.Tcp tcp && tcp.port() < FIRST_FREE_PORT) {
            return "this user may not use a port below 1024. One of these helps: start it from a systemd unit with"
                    + " AmbientCapabilities=CAP_NET_BIND_SERVICE, or with a systemd socket unit and the endpoint"
                    + " systemd:domain=INET:index=0; give the java binary the right (setcap cap_net_bind_service=+ep);"
                    + " authbind --deep; listen on a high port and redirect to it (iptables -t nat -A PREROUTING -p tcp"
                    + " --dport " + tcp.port() + " -j REDIRECT --to-ports 8443); or lower the limit (sysctl"
                    + " net.ipv4.ip_unprivileged_port_start=" + tcp.port() + ")";
        }
        return "this user lacks the permission";
    }

    private static String taken(ListenAddress address) {
        return address instanceof ListenAddress.Tcp tcp
                ? "port " + tcp.port() + " is taken by another program; 'ss -ltnp sport = :" + tcp.port()
                        + "' shows which"
                : "the socket is in use by another program";
    }
}
