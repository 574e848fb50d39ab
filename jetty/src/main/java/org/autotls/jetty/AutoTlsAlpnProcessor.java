package org.autotls.jetty;

import javax.net.ssl.SSLEngine;
import org.autotls.tls.AutoTlsContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.ALPNProcessor;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;

/**
 * Lets Jetty's ALPN (RFC 7301) work with our engines: its own processor takes those of the JDK only, and is not exported. Found by
 * Jetty with {@link java.util.ServiceLoader}; nobody else needs it. Stateless.
 */
public final class AutoTlsAlpnProcessor implements ALPNProcessor.Server {

    /** Made by {@link java.util.ServiceLoader}. */
    public AutoTlsAlpnProcessor() {}

    @Override
    public boolean appliesTo(SSLEngine engine) {
        return AutoTlsContext.isEngineOfOurs(engine);
    }

    @Override
    public void configure(SSLEngine engine, Connection connection) {
        ALPNServerConnection alpn = (ALPNServerConnection) connection;
        SslConnection.SslEndPoint decrypted = (SslConnection.SslEndPoint) alpn.getEndPoint();
        decrypted.getSslConnection().addHandshakeListener(new WithoutAlpn(alpn));
        engine.setHandshakeApplicationProtocolSelector((asking, offered) -> {
            alpn.select(offered);
            return alpn.getProtocol();
        });
    }

    /** A client that offers nothing gets the server's default protocol. */
    private record WithoutAlpn(ALPNServerConnection alpn) implements SslHandshakeListener {

        @Override
        public void handshakeSucceeded(Event event) {
            if (alpn.getProtocol() == null) {
                alpn.unsupported();
            }
        }
    }
}
