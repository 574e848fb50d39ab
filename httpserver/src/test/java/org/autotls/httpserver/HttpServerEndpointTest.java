package org.autotls.httpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;

/** The JDK's own server. */
class HttpServerEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws IOException {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        return new Running(AutoTlsHttpServer.endpoint(server, autoTls), Optional.empty());
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws IOException {
        return Optional.of(
                new Running(HttpServer.create(anyPort(), 0), Optional.of(AutoTlsHttpServer.plainHttp(autoTls))));
    }

    @Override
    protected String serverName() {
        return "HttpsServer";
    }

    @Override
    protected List<String> protocols() {
        return List.of(); // it knows no ALPN
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static final class Running implements TlsTestServer {

        private final AtomicInteger conversations = new AtomicInteger();
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final HttpServer server;

        Running(HttpServer server, Optional<HttpHandler> handler) {
            this.server = server;
            server.createContext("/", handler.orElse(this::greet));
            server.setExecutor(threads);
            server.start();
        }

        private void greet(HttpExchange exchange) throws IOException {
            conversations.incrementAndGet();
            byte[] body = "Hello from HttpsServer\n".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        }

        @Override
        public int port() {
            return server.getAddress().getPort();
        }

        @Override
        public int conversations() {
            return conversations.get();
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
