package org.autotls.endpoint;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where an endpoint listens. Immutable; nothing is resolved or bound. Its {@code toString} is the endpoint string of the
 * address.
 */
public sealed interface ListenAddress {

    /**
     * Tells whether each connection begins with a PROXY protocol header, version 1 or 2, from a load balancer
     * ({@code haproxy:}). A connection without one is refused: whoever can reach the port could claim any address otherwise.
     *
     * @return whether the header is required
     */
    boolean proxyProtocol();

    /**
     * Returns this address behind a load balancer.
     *
     * @return the same address with {@link #proxyProtocol}
     */
    ListenAddress withProxyProtocol();

    /** The address families that a socket can have. */
    enum Family {
        /** IPv4. */
        INET,
        /** IPv6. */
        INET6,
        /** A socket in the file system. */
        UNIX
    }

    /**
     * A TCP port.
     *
     * @param family {@code INET} ({@code tcp:}) or {@code INET6} ({@code tcp6:})
     * @param host the interface's address; empty for all
     * @param port from 0 to 65535; 0 lets the system choose
     * @param backlog how many connections may wait to be accepted, at least 1; the system may cap it
     * @param proxyProtocol see {@link ListenAddress#proxyProtocol}
     */
    record Tcp(Family family, String host, int port, int backlog, boolean proxyProtocol) implements ListenAddress {

        /** How many connections wait unless {@code backlog} says otherwise. */
        public static final int DEFAULT_BACKLOG = 1024;

        /**
         * Checks an address.
         *
         * @throws IllegalArgumentException naming the value that is out of range
         */
        public Tcp {
            requireNonNull(family, "family");
            requireNonNull(host, "host");
            if (family == Family.UNIX) {
                throw new IllegalArgumentException("family UNIX: expected INET or INET6 for a TCP port");
            }
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port " + port + ": expected 0 to 65535");
            }
            checkBacklog(backlog);
        }

        /**
         * Any IPv4 interface.
         *
         * @param port from 0 to 65535
         * @return the address
         */
        public static Tcp port(int port) {
            return new Tcp(Family.INET, "", port, DEFAULT_BACKLOG, false);
        }

        /**
         * Returns the address to bind.
         *
         * @return for all interfaces the family's wildcard address; a host name is resolved now, which may block
         */
        public InetSocketAddress socketAddress() {
            String any = family == Family.INET ? "0.0.0.0" : "::";
            return new InetSocketAddress(host.isEmpty() ? any : host, port);
        }

        @Override
        public Tcp withProxyProtocol() {
            return new Tcp(family, host, port, backlog, true);
        }

        @Override
        public String toString() {
            return haproxy(proxyProtocol)
                    + (family == Family.INET ? "tcp:" : "tcp6:")
                    + port
                    + (host.isEmpty() ? "" : ":interface=" + EndpointDescription.escape(host))
                    + (backlog == DEFAULT_BACKLOG ? "" : ":backlog=" + backlog);
        }
    }

    /**
     * A unix domain socket.
     *
     * @param path where the socket is made
     * @param mode the file mode, from 0 to 0777, set before the first connection is accepted
     * @param backlog how many connections may wait to be accepted
     * @param proxyProtocol see {@link ListenAddress#proxyProtocol}
     */
    record Unix(Path path, int mode, int backlog, boolean proxyProtocol) implements ListenAddress {

        /** The file mode unless {@code mode} says otherwise: owner and group. */
        public static final int DEFAULT_MODE = 0660;

        /**
         * Checks an address.
         *
         * @throws IllegalArgumentException naming the value that is out of range
         */
        public Unix {
            requireNonNull(path, "path");
            if (mode < 0 || mode > 0777) {
                throw new IllegalArgumentException("mode " + Integer.toOctalString(mode) + ": expected 0 to 777");
            }
            checkBacklog(backlog);
        }

        @Override
        public Unix withProxyProtocol() {
            return new Unix(path, mode, backlog, true);
        }

        @Override
        public String toString() {
            return haproxy(proxyProtocol) + "unix:" + EndpointDescription.escape(path.toString())
                    + (mode == DEFAULT_MODE ? "" : ":mode=" + Integer.toOctalString(mode))
                    + (backlog == Tcp.DEFAULT_BACKLOG ? "" : ":backlog=" + backlog);
        }
    }

    /**
     * A socket that the service manager has opened and handed over (systemd's sd_listen_fds(3) protocol).
     *
     * @param family what the socket is
     * @param index which of the sockets handed over, from 0: file descriptor 3 + index
     * @param proxyProtocol see {@link ListenAddress#proxyProtocol}
     */
    record Systemd(Family family, int index, boolean proxyProtocol) implements ListenAddress {

        /** The largest index that is taken. */
        public static final int MAX_INDEX = 65_535;

        /**
         * Checks an address.
         *
         * @throws IllegalArgumentException naming the value that is out of range
         */
        public Systemd {
            requireNonNull(family, "family");
            if (index < 0 || index > MAX_INDEX) {
                throw new IllegalArgumentException("index " + index + ": expected 0 to " + MAX_INDEX);
            }
        }

        @Override
        public Systemd withProxyProtocol() {
            return new Systemd(family, index, true);
        }

        @Override
        public String toString() {
            return haproxy(proxyProtocol) + "systemd:domain=" + family + ":index=" + index;
        }
    }

    private static String haproxy(boolean proxyProtocol) {
        return proxyProtocol ? "haproxy:" : "";
    }

    private static void checkBacklog(int backlog) {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog " + backlog + ": expected at least 1");
        }
    }
}
