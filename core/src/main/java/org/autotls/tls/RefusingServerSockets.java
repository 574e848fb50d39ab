package org.autotls.tls;

import java.net.InetAddress;
import java.net.ServerSocket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;

/**
 * Refuses to make server sockets, when it is asked for one and not before: some servers (Helidon) fetch the factory of every
 * context and never use it. Immutable.
 */
final class RefusingServerSockets extends SSLServerSocketFactory {

    static final String REASON = "an AutoTlsContext serves through SSLEngine only: an SSLSocket cannot"
            + " refuse unknown names or answer acme-tls/1. Use the server's SSLEngine (NIO) connector";

    private final SSLParameters defaults;
    private final SSLParameters supported;

    RefusingServerSockets(SSLParameters defaults, SSLParameters supported) {
        this.defaults = defaults;
        this.supported = supported;
    }

    @Override
    public ServerSocket createServerSocket() {
        throw new UnsupportedOperationException(REASON);
    }

    @Override
    public ServerSocket createServerSocket(int port) {
        throw new UnsupportedOperationException(REASON);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) {
        throw new UnsupportedOperationException(REASON);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
        throw new UnsupportedOperationException(REASON);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return defaults.getCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return supported.getCipherSuites();
    }
}
