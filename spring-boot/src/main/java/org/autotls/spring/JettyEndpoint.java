package org.autotls.spring;

import org.autotls.AutoTls;
import org.autotls.jetty.AutoTlsJetty;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.LifeCycle;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Puts an endpoint in the place of the connector that Spring Boot has given a Jetty, whichever line it is. Stateless. */
public final class JettyEndpoint {

    // Neither comes with Spring Boot's starter for Jetty: without them it speaks HTTP/1.1, and knows no ALPN.
    private static final String[] NEEDED_FOR_HTTP2 = {
        "org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory",
        "org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory"
    };

    private JettyEndpoint() {}

    /**
     * Replaces the plain connector.
     *
     * @param server with the one connector that Spring Boot has made
     * @param autoTls what serves and issues
     * @param environment may say {@code server.http2.enabled=false}
     */
    public static void replace(Server server, AutoTls autoTls, Environment environment) {
        ServerConnector plain = (ServerConnector) server.getConnectors()[0];
        boolean http2 = Http2Setting.isEnabled(environment) && isPresent(NEEDED_FOR_HTTP2);
        ServerConnector secure = http2 ? AutoTlsJetty.endpoint(server, autoTls) : http1(server, autoTls);
        secure.setHost(plain.getHost());
        secure.setPort(plain.getPort());
        server.setConnectors(new Connector[] {secure});
    }

    private static boolean isPresent(String... classes) {
        for (String name : classes) {
            if (!ClassUtils.isPresent(name, Server.class.getClassLoader())) {
                return false;
            }
        }
        return true;
    }

    private static ServerConnector http1(Server server, AutoTls autoTls) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory http = new HttpConnectionFactory(configuration);
        SslConnectionFactory tls =
                new SslConnectionFactory(AutoTlsJetty.sslContextFactory(autoTls), http.getProtocol());
        ServerConnector connector = new ServerConnector(server, tls, http);
        autoTls.tcpAddress().ifPresent(address -> connector.setAcceptQueueSize(address.backlog()));
        connector.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarted(LifeCycle started) {
                autoTls.startIssuing();
            }
        });
        return connector;
    }
}
