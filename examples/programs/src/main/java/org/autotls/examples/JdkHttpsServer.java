package org.autotls.examples;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.autotls.AutoTls;

/** The JDK's own HTTPS server: {@code java JdkHttpsServer DIRECTORY PORT}. */
public final class JdkHttpsServer {

    private JdkHttpsServer() {}

    /**
     * Serves a greeting on https://localhost.
     *
     * @param arguments the certificate directory and the port
     */
    public static void main(String... arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        AutoTls autoTls = AutoTls.at(directory).local().start();
        start(autoTls, Integer.parseInt(arguments[1]));
    }

    static HttpsServer start(AutoTls autoTls, int port) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(port), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(autoTls.sslContext()));
        server.createContext("/", exchange -> {
            byte[] body = "Hello over TLS\n".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }
}
