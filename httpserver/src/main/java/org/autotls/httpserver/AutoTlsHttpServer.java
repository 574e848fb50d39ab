package org.autotls.httpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.autotls.responder.PlainHttpReply;

/**
 * Gives the JDK's own {@code HttpsServer} certificates that are issued and renewed while it serves.
 *
 * <p>The server knows HTTP/1.1 only, and no ALPN. On JDK 17 it closes without an alert where it refuses a handshake by itself.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsHttpServer {

    private static final int UNBOUND_PORT = 443;

    private AutoTlsHttpServer() {}

    /**
     * Makes a server that listens where the endpoint string says. Certificates are seen to as long as the JVM runs; to stop
     * that earlier, make the {@link AutoTls} yourself.
     *
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return bound, not started
     * @throws IOException if the port cannot be bound
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static HttpsServer endpoint(String endpoint) throws IOException {
        return endpoint(AutoTls.endpoint(endpoint).open());
    }

    /**
     * Makes a server that listens where the endpoint string of {@code autoTls} says, else on port 443.
     *
     * @param autoTls what serves and issues; without an endpoint string, call {@link AutoTls#startIssuing} after the
     *     server's start
     * @return bound, not started
     * @throws IOException if the port cannot be bound
     */
    public static HttpsServer endpoint(AutoTls autoTls) throws IOException {
        Optional<ListenAddress.Tcp> address = autoTls.tcpAddress();
        return endpoint(
                HttpsServer.create(
                        address.map(ListenAddress.Tcp::socketAddress)
                                .orElseGet(() -> new InetSocketAddress(UNBOUND_PORT)),
                        address.map(ListenAddress.Tcp::backlog).orElse(0)),
                autoTls);
    }

    /**
     * Gives a server its TLS.
     *
     * @param server not started
     * @param autoTls what serves and issues
     * @return the same server
     */
    public static HttpsServer endpoint(HttpsServer server, AutoTls autoTls) {
        server.setHttpsConfigurator(new HttpsConfigurator(autoTls.sslContext()));
        return server;
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return to be mounted at {@code /} of a plain {@code HttpServer}
     */
    public static HttpHandler plainHttp(AutoTls autoTls) {
        return exchange -> {
            try (exchange) {
                send(
                        exchange,
                        autoTls.plainHttp().answer(exchange.getRequestMethod(), host(exchange), target(exchange)));
            }
        };
    }

    private static String host(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        return host == null ? "" : host;
    }

    private static String target(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        return exchange.getRequestURI().getRawPath() + (query == null ? "" : "?" + query);
    }

    private static void send(HttpExchange exchange, PlainHttpReply reply) throws IOException {
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = reply.body().getBytes(StandardCharsets.US_ASCII);
        boolean empty = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), empty ? -1 : body.length);
        if (!empty) {
            exchange.getResponseBody().write(body);
        }
    }
}
