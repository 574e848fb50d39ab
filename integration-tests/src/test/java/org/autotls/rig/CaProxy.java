package org.autotls.rig;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.autotls.testkit.Await;
import org.autotls.testkit.TestCa;

/**
 * Stands between a client and a real CA, writes down each exchange, and asks a test before each request and before each
 * answer goes on. The Host header passes unchanged, so that all URLs of the CA lead through here.
 */
final class CaProxy implements AcmeCa, AutoCloseable {

    /** Hop-by-hop, or set by the JDK's own client and server. */
    private static final Set<String> OWN_HEADERS =
            Set.of("connection", "content-length", "transfer-encoding", "upgrade", "http2-settings", "date");

    /**
     * One exchange with the CA.
     *
     * @param kind what was asked for: the path without its last segment if that is an id
     * @param status what the CA answered
     */
    record Exchange(String kind, int status) {}

    /** Where an exchange stands: nothing has reached the CA yet, or the CA has done it and the client does not know. */
    enum Point {
        BEFORE_REQUEST,
        BEFORE_ANSWER
    }

    /** What a test has to say to each exchange; called on the thread that passes it on. */
    @FunctionalInterface
    interface Gate {

        /**
         * Whether the exchange goes on. If not, the connection ends, and a request that the CA does not have yet never gets
         * there.
         *
         * @param point where the exchange stands
         * @param kind what is asked for, as in {@link Exchange#kind}
         */
        boolean passes(Point point, String kind);
    }

    /** Lets everything through. */
    static final Gate OPEN = (point, kind) -> true;

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client;
    private final URI target;
    private final Path root;
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    private final Semaphore places;
    private volatile Gate gate = OPEN;

    CaProxy(PebbleCa ca, Path directory) {
        this(ca, directory, Integer.MAX_VALUE);
    }

    private CaProxy(PebbleCa ca, Path directory, int atOnce) {
        this.places = new Semaphore(atOnce, true);
        try {
            Files.createDirectories(directory);
            TestCa https = new TestCa();
            this.root = directory.resolve("proxy-root.pem");
            Tls.writePem(root, https.root());
            this.target = ca.acme();
            this.client = HttpClient.newBuilder()
                    .sslContext(Tls.trusting(Certificates.parse(Files.readString(ca.httpsRoot()))))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(Tls.serving(https.issue(
                    Instant.parse("2020-01-01T00:00:00Z"), Duration.ofDays(36500), "localhost", "127.0.0.1"))));
            server.setExecutor(threads);
            server.createContext("/", this::pass);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One that has the CA work on one request at a time, for clients with more than two orders in flight.
     *
     * <p>Every Pebble up to 2.10 at least takes two locks in either order: who looks at an authorization locks it and then reads
     * the store, and who orders reads the store and then looks at each authorization in it. When a third request, of another
     * order, waits to write to the store, neither gets what it needs, and Pebble answers nothing any more that needs its store.
     * What it does by itself for an order that goes well, validating and signing, holds no lock while it waits for the store. The
     * client still works on all its orders at once; only the CA does not.
     */
    static CaProxy oneAtATime(PebbleCa ca, Path directory) {
        return new CaProxy(ca, directory, 1);
    }

    /** The CA's directory, as seen through the proxy. */
    @Override
    public URI acme() {
        return URI.create("https://localhost:" + server.getAddress().getPort() + target.getPath());
    }

    /** The root of the proxy's own certificate. */
    @Override
    public Path httpsRoot() {
        return root;
    }

    /** From now on {@code next} is asked at each point of each exchange. */
    void gate(Gate next) {
        this.gate = next;
    }

    /** What passed so far. */
    List<Exchange> exchanges() {
        return List.copyOf(exchanges);
    }

    /** Forgets what passed so far. */
    void forget() {
        exchanges.clear();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String kind = kind(exchange.getRequestURI());
            if (!gate.passes(Point.BEFORE_REQUEST, kind)) {
                return;
            }
            HttpResponse<byte[]> answer = forwardInTurn(exchange, body);
            exchanges.add(new Exchange(kind, answer.statusCode()));
            if (!gate.passes(Point.BEFORE_ANSWER, kind)) {
                return;
            }
            answer.headers().map().forEach((name, values) -> {
                if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                    exchange.getResponseHeaders().put(name, values);
                }
            });
            boolean empty =
                    answer.body().length == 0 || exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.statusCode(), empty ? -1 : answer.body().length);
            if (!empty) {
                exchange.getResponseBody().write(answer.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<byte[]> forwardInTurn(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        places.acquire();
        try {
            return forward(exchange, body);
        } finally {
            places.release();
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        URI to = target.resolve(exchange.getRequestURI().toString());
        HttpRequest.BodyPublisher content =
                body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(to).timeout(Await.HANG_LIMIT).method(exchange.getRequestMethod(), content);
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String kind(URI uri) {
        String[] segments = uri.getPath().split("/");
        return segments.length > 1 ? segments[1] : "";
    }
}
