package org.autotls.tomcat;

import org.apache.catalina.Lifecycle;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;

/**
 * Gives Tomcat certificates that are issued and renewed while it serves. Tomcat 10.1 (from 10.1.20) and 11.
 *
 * <p>Issuing begins when the connector listens.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsTomcat {

    private static final int HTTPS_PORT = 443;
    private static final String TLS12_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20";
    private static final String TLS13_SUITES =
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

    private AutoTlsTomcat() {}

    /**
     * Adds an endpoint to a Tomcat, where the endpoint string says. When the connector stops, so does the issuing.
     *
     * @param tomcat not started
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return the connector that was added, with HTTP/2 and HTTP/1.1
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static Connector endpoint(Tomcat tomcat, String endpoint) {
        AutoTls autoTls = AutoTls.endpoint(endpoint).open();
        Connector connector = endpoint(tomcat, autoTls);
        connector.addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.AFTER_STOP_EVENT)) {
                autoTls.close();
            }
        });
        return connector;
    }

    /**
     * Adds an endpoint to a Tomcat, where the endpoint string of {@code autoTls} says, else on port 443.
     *
     * @param tomcat not started
     * @param autoTls what serves and issues; the caller closes it after the Tomcat
     * @return the connector that was added, with HTTP/2 and HTTP/1.1; its port may be set until the Tomcat starts
     */
    public static Connector endpoint(Tomcat tomcat, AutoTls autoTls) {
        Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setPort(HTTPS_PORT);
        autoTls.tcpAddress().ifPresent(address -> listen(connector, address));
        connector.addUpgradeProtocol(new Http2Protocol());
        secure(connector, autoTls);
        tomcat.setConnector(connector);
        return connector;
    }

    /**
     * Gives a connector of your own its TLS. Its port remains yours to set.
     *
     * @param connector an HTTP connector, not started. If it is to have HTTP/2, that has been added: ALPN prefers what was
     *     added first
     * @param autoTls what serves and issues
     */
    public static void secure(Connector connector, AutoTls autoTls) {
        SSLHostConfig config = new SSLHostConfig();
        config.setProtocols("TLSv1.2+TLSv1.3");
        restrictCipherSuites(config);
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(config, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setSslContext(new TomcatSslContext(autoTls.sslContext()));
        config.addCertificate(certificate);
        ((AbstractHttp11Protocol<?>) connector.getProtocolHandler()).setSSLEnabled(true);
        connector.addSslHostConfig(config);
        connector.addUpgradeProtocol(new Http11Alpn());
        connector.setScheme("https");
        connector.setSecure(true);
        connector.addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.AFTER_START_EVENT)) {
                autoTls.startIssuing();
            }
        });
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https. Requests that came over TLS
     * go on to what follows, so it may be added to the engine that an endpoint and a plain connector share.
     *
     * @param autoTls whose challenges and names are answered for
     * @return to be added to the pipeline of an engine or a host
     */
    public static Valve plainHttp(AutoTls autoTls) {
        return new PlainHttpValve(autoTls.plainHttp());
    }

    // Tomcat sets its own list on every engine, and that would bring back CBC. Tomcat 11 has another list for
    // TLS 1.3, and warns about its suites in this one; 10.1 wants them here.
    private static void restrictCipherSuites(SSLHostConfig config) {
        config.setCiphers(TLS12_SUITES);
        if (config.getJsseCipherNames().stream().noneMatch(TLS13_SUITES::contains)) {
            config.setCiphers(TLS12_SUITES + ":" + TLS13_SUITES);
        }
    }

    private static void listen(Connector connector, ListenAddress.Tcp address) {
        connector.setProperty("address", address.socketAddress().getAddress().getHostAddress());
        connector.setPort(address.port());
        connector.setProperty("acceptCount", Integer.toString(address.backlog()));
    }
}
