package org.autotls.helidon;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;
import java.net.InetSocketAddress;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;

/**
 * Gives Helidon certificates that are issued and renewed while it serves. Helidon 4, from 4.4 to 4.5.
 *
 * <p>Issuing begins when the server listens. HTTP/2 is there if {@code helidon-webserver-http2} is. Helidon takes the first
 * protocol of the client's list that it knows, and not its own favourite. It serves through an {@link javax.net.ssl.SSLEngine}
 * only with {@code useNio}, its default, so a server without it is refused.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsHelidon {

    private AutoTlsHelidon() {}

    /**
     * Gives a server its TLS, and lets it listen where the endpoint string says. When the server stops, so does the issuing.
     *
     * @param server settings of a server
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return the same settings
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static WebServerConfig.Builder endpoint(WebServerConfig.Builder server, String endpoint) {
        AutoTls autoTls = AutoTls.endpoint(endpoint).open();
        return endpoint(server, autoTls)
                .addFeature(new IssuingFeature("autotls-closing", webServer -> {}, autoTls::close));
    }

    /**
     * Gives a server its TLS, and lets it listen where the endpoint string of {@code autoTls} says, else where its own
     * settings say.
     *
     * @param server settings of a server; {@code build} fails if it is set not to use NIO
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return the same settings
     */
    public static WebServerConfig.Builder endpoint(WebServerConfig.Builder server, AutoTls autoTls) {
        autoTls.tcpAddress().ifPresent(address -> listen(server, address));
        return server.tls(tls(autoTls))
                .addFeature(new IssuingFeature("autotls", webServer -> autoTls.startIssuing(), () -> {}));
    }

    /**
     * Returns Helidon's TLS settings, for a listener of your own. It must use NIO, and issuing then begins with
     * {@link AutoTls#startIssuing}.
     *
     * @param autoTls what serves
     * @return settings whose certificates follow {@code autoTls}
     */
    public static Tls tls(AutoTls autoTls) {
        return Tls.builder().sslContext(autoTls.sslContext()).build();
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return to be mounted for {@code any} request
     */
    public static Handler plainHttp(AutoTls autoTls) {
        return new PlainHttpHandler(autoTls.plainHttp());
    }

    private static void listen(WebServerConfig.Builder server, ListenAddress.Tcp tcp) {
        InetSocketAddress address = tcp.socketAddress();
        server.bindAddress(address)
                .host(address.getHostString())
                .port(tcp.port())
                .backlog(tcp.backlog());
    }
}
