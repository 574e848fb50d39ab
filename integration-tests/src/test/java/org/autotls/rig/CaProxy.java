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
import java.util.function.Consumer;
import org.autotls.testkit.TestCa;

/**
 * Stands between a client and a real CA, writes down each exchange, and asks a test before each request and before each
 * answer goes on. The Host header passes unchanged, so that all URLs of the CA lead through here.
 */
final class CaProxy implements AutoCloseable {

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

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client;
    private final URI target;
    private final Path root;
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    private volatile Consumer<Point> gate = point -> {};

    CaProxy(PebbleCa ca, Path directory) {
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

    /** The CA's directory, as seen through the proxy. */
    URI acme() {
        return URI.create("https://localhost:" + server.getAddress().getPort() + target.getPath());
    }

    /** The root of the proxy's own certificate: {@code --acme-root}. */
    Path httpsRoot() {
        return root;
    }

    /** From now on {@code gate} is called at each point of each exchange, on the thread that passes it on. */
    void gate(Consumer<Point> next) {
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
            gate.accept(Point.BEFORE_REQUEST);
            HttpResponse<byte[]> answer = forward(exchange, body);
            exchanges.add(new Exchange(kind(exchange.getRequestURI()), answer.statusCode()));
            gate.accept(Point.BEFORE_ANSWER);
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
