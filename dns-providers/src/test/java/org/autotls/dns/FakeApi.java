package org.autotls.dns;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A provider's API as its documentation and its clients show it: holds a zone, answers as the service does, and notes every
 * request that the service would not understand. Requests are worked on one at a time.
 */
abstract class FakeApi implements AutoCloseable {

    /** The one zone. */
    static final String ZONE = "example.test";

    /** A request. Header names are in lower case. */
    record Request(String method, URI uri, Map<String, String> headers, String body) {

        String path() {
            return uri.getRawPath();
        }

        /** One parameter of the query, or of a body that is a form. */
        String parameter(String name) {
            String query = headers.getOrDefault("content-type", "").contains("form") ? body : uri.getRawQuery();
            for (String part : query == null ? new String[0] : query.split("&", -1)) {
                if (part.startsWith(name + "=")) {
                    return URLDecoder.decode(part.substring(name.length() + 1), UTF_8);
                }
            }
            return "";
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /** An answer; a status of 0 is one that begins and never ends. */
    record Answer(int status, String body, String retryAfter) {

        static Answer of(int status, String body) {
            return new Answer(status, body, "");
        }

        static final Answer STALL = of(0, "");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, List<String>> values = new LinkedHashMap<>();
    final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    final Queue<String> problems = new ConcurrentLinkedQueue<>();
    private volatile Function<Request, Optional<Answer>> fault = request -> Optional.empty();

    FakeApi() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** Answers a request; may note problems. Called by one thread at a time. */
    abstract Answer answer(Request request);

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Answers requests by this as long as it has an answer. */
    void fault(Function<Request, Optional<Answer>> instead) {
        fault = instead;
    }

    synchronized List<String> values(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    synchronized void add(String name, String value) {
        values.computeIfAbsent(name, none -> new ArrayList<>()).add(value);
    }

    synchronized boolean remove(String name, String value) {
        return values.getOrDefault(name, new ArrayList<>()).remove(value);
    }

    void require(boolean right, String what, Request request) {
        if (!right) {
            problems.add(what + ": " + request);
        }
    }

    Answer unknown(Request request) {
        problems.add("no such operation: " + request);
        return Answer.of(418, "");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new LinkedHashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, all) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), all.get(0)));
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI(),
                    headers,
                    new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            requests.add(request);
            send(exchange, answerOrFault(request));
        }
    }

    private synchronized Answer answerOrFault(Request request) {
        @Nullable Answer instead = fault.apply(request).orElse(null);
        try {
            return instead == null ? answer(request) : instead;
        } catch (RuntimeException e) {
            problems.add(e + ": " + request);
            return Answer.of(418, "");
        }
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        if (answer.status() == Answer.STALL.status()) {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            awaitClose();
            return;
        }
        byte[] body = answer.body().getBytes(UTF_8);
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
        }
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    private void awaitClose() {
        try {
            closed.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
