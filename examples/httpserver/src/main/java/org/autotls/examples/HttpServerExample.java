package org.autotls.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpsServer;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.httpserver.AutoTlsHttpServer;

/** The JDK's own server: {@code HttpServerExample local:certs:tcp:8443 [NAME]...}. */
public final class HttpServerExample {

    private HttpServerExample() {}

    public static void main(String... arguments) throws Exception {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        HttpsServer server = AutoTlsHttpServer.endpoint(autoTls);
        server.createContext("/", exchange -> {
            byte[] line = ("Hello from HttpsServer over " + exchange.getProtocol() + "\n").getBytes(US_ASCII);
            exchange.sendResponseHeaders(200, line.length);
            exchange.getResponseBody().write(line);
            exchange.close();
        });
        server.start();
    }
}
