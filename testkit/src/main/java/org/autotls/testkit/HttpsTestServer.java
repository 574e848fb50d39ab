package org.autotls.testkit;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** The JDK's HttpsServer with one page. Safe for many threads. */
public final class HttpsTestServer implements TlsTestServer {

    private final AtomicInteger conversations = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpsServer server;

    /**
     * Starts on a free port of the loopback address.
     *
     * @param context what its HttpsConfigurator gets, and nothing else
     * @throws IOException if no port can be opened
     */
    public HttpsTestServer(SSLContext context) throws IOException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            conversations.incrementAndGet();
            byte[] body = "ok\n".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.setExecutor(threads);
        server.start();
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
