package org.autotls.jetty;

import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Gives Jetty certificates that are issued and renewed while it serves. Jetty 12.0 and 12.1.
 *
 * <p>Issuing begins when the connector listens.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsJetty {

    private static final int HTTPS_PORT = 443;

    private AutoTlsJetty() {}

    /**
     * Adds an endpoint to a server, where the endpoint string says. When the connector stops, so does the issuing.
     *
     * @param server not started
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return the connector that was added, with HTTP/2 and HTTP/1.1
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static ServerConnector endpoint(Server server, String endpoint) {
        AutoTls autoTls = AutoTls.endpoint(endpoint).open();
        ServerConnector connector = endpoint(server, autoTls);
        connector.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopped(LifeCycle stopped) {
                autoTls.close();
            }
        });
        return connector;
    }

    /**
     * Adds an endpoint to a server, where the endpoint string of {@code autoTls} says, else on port 443.
     *
     * @param server not started
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return the connector that was added, with HTTP/2 and HTTP/1.1; its port may be set until the server starts
     */
    public static ServerConnector endpoint(Server server, AutoTls autoTls) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory http1 = new HttpConnectionFactory(configuration);
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(configuration);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        SslConnectionFactory tls = new SslConnectionFactory(sslContextFactory(autoTls), alpn.getProtocol());
        ServerConnector connector = new ServerConnector(server, tls, alpn, http2, http1);
        connector.setPort(HTTPS_PORT);
        autoTls.tcpAddress().ifPresent(address -> listen(connector, address));
        connector.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarted(LifeCycle started) {
                autoTls.startIssuing();
            }
        });
        server.addConnector(connector);
        return connector;
    }

    /**
     * Returns Jetty's TLS settings, for a connector of your own. Give its ALPN factory the engines of {@link AutoTls} only.
     *
     * @param autoTls what serves
     * @return settings whose certificates follow {@code autoTls}
     */
    public static SslContextFactory.Server sslContextFactory(AutoTls autoTls) {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(autoTls.sslContext());
        return factory;
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return a handler that answers every request
     */
    public static Handler plainHttp(AutoTls autoTls) {
        return new PlainHttpHandler(autoTls.plainHttp());
    }

    private static void listen(ServerConnector connector, ListenAddress.Tcp address) {
        connector.setHost(address.socketAddress().getHostString());
        connector.setPort(address.port());
        connector.setAcceptQueueSize(address.backlog());
    }
}
