package org.autotls.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.autotls.CertificateBundle;

/**
 * An ACME server (RFC 8555) in this process, on loopback, over HTTPS. It checks what a real CA checks (signature, nonce, URL,
 * account) and issues from a {@link TestCa}; validation is pluggable, and any answer can be scripted.
 *
 * <pre>{@code
 * try (FakeCa ca = FakeCa.start()) {
 *     ca.script(FakeCa.Kind.NEW_ORDER, Fault.reply(503, "busy", "Retry-After", "120"));
 *     // the next newOrder is answered so, those after it as usual
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class FakeCa implements AutoCloseable {

    /** The kinds of request. */
    public enum Kind {
        /** RFC 8555 §7.1.1. */
        DIRECTORY,
        /** §7.2. */
        NEW_NONCE,
        /** §7.3. */
        NEW_ACCOUNT,
        /** Reading or changing an account, §7.3.2. */
        ACCOUNT,
        /** §7.4. */
        NEW_ORDER,
        /** Reading an order. */
        ORDER,
        /** Reading an authorization, §7.5. */
        AUTHORIZATION,
        /** Answering or reading a challenge, §7.5.1. */
        CHALLENGE,
        /** §7.4. */
        FINALIZE,
        /** §7.4.2. */
        CERTIFICATE,
        /** §7.3.5. */
        KEY_CHANGE,
        /** §7.6. */
        REVOKE,
        /** RFC 9773 §4.1. */
        RENEWAL_INFO
    }

    /**
     * An answer.
     *
     * @param status the HTTP status
     * @param headers by name
     * @param body the whole body
     */
    @SuppressWarnings("ArrayRecordComponent") // made once and sent
    public record Reply(int status, Map<String, String> headers, byte[] body) {

        /**
         * Sends it.
         *
         * @param exchange where to
         * @throws IOException if the client went away
         */
        public void send(HttpExchange exchange) throws IOException {
            headers.forEach(exchange.getResponseHeaders()::set);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
            if (!head && body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** Whether a challenge is answered rightly. */
    @FunctionalInterface
    public interface Validator {

        /**
         * Looks, as a CA would from outside.
         *
         * @param type the challenge type
         * @param identifier the name or address to be proved
         * @param token the challenge's token
         * @param keyAuthorization what must be found
         * @return whether it was found
         */
        boolean proves(String type, String identifier, String token, String keyAuthorization);
    }

    private final TestCa issuer = new TestCa();
    private final HttpsServer server;
    private final ExecutorService threads;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final FakeCaState state;
    private final Map<Kind, ArrayDeque<Fault>> once = new EnumMap<>(Kind.class);
    private final Map<Kind, Fault> always = new EnumMap<>(Kind.class);
    private final List<Kind> requests = new ArrayList<>();

    private FakeCa() {
        try {
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException("no port on loopback", e);
        }
        server.setHttpsConfigurator(new HttpsConfigurator(tls()));
        threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "fake-ca");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        state = new FakeCaState("https://localhost:" + server.getAddress().getPort(), issuer);
        server.createContext("/", this::serve);
        server.start();
    }

    /**
     * Starts a CA that accepts every challenge.
     *
     * @return the running CA, on a free port
     */
    public static FakeCa start() {
        return new FakeCa();
    }

    /**
     * Returns where to begin.
     *
     * @return the directory's URL
     */
    public URI directory() {
        return URI.create(state.base() + "/directory");
    }

    /**
     * Returns the root of both the CA's https and what it issues.
     *
     * @return what clients trust
     */
    public X509Certificate root() {
        return issuer.root();
    }

    /**
     * Scripts the next answers of a kind: one fault for one request, then as usual again.
     *
     * @param kind which requests
     * @param faults in order
     * @return this
     */
    public FakeCa script(Kind kind, Fault... faults) {
        synchronized (requests) {
            once.computeIfAbsent(kind, k -> new ArrayDeque<>()).addAll(List.of(faults));
        }
        return this;
    }

    /**
     * Scripts all answers of a kind.
     *
     * @param kind which requests
     * @param fault each of them
     * @return this
     */
    public FakeCa always(Kind kind, Fault fault) {
        synchronized (requests) {
            always.put(kind, fault);
        }
        return this;
    }

    /** Ends all scripts: from now on the CA is sound. */
    public void heal() {
        synchronized (requests) {
            once.clear();
            always.clear();
        }
    }

    /**
     * Returns the settings, which may be changed at any time.
     *
     * @return how this CA behaves
     */
    public FakeCaSettings settings() {
        return state.settings();
    }

    /** Forgets accounts, orders and nonces, as a restarted test CA does. */
    public void forgetEverything() {
        state.forgetEverything();
    }

    /**
     * Returns what was asked.
     *
     * @return one entry per request, in order
     */
    public List<Kind> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /**
     * Counts requests.
     *
     * @param kind which
     * @return how many were made
     */
    public long count(Kind kind) {
        return requests().stream().filter(one -> one == kind).count();
    }

    /**
     * Returns what was issued.
     *
     * @return leaves in order
     */
    public List<X509Certificate> issued() {
        return state.issued();
    }

    /**
     * Returns the contact of each account.
     *
     * @return one entry per account
     */
    public List<List<String>> contacts() {
        return state.contacts();
    }

    /**
     * Returns the status of each account.
     *
     * @return {@code valid} or {@code deactivated}, one entry per account
     */
    public List<String> accountStatuses() {
        return state.accountStatuses();
    }

    /**
     * Returns by which profiles was ordered.
     *
     * @return one entry per order; empty for the default
     */
    public List<String> orderedProfiles() {
        return state.orderedProfiles();
    }

    /**
     * Returns what orders said they replace (RFC 9773 §5).
     *
     * @return one entry per order, the certificate's unique identifier; empty if it named none
     */
    public List<String> orderedReplacements() {
        return state.orderedReplacements();
    }

    /**
     * Returns what was revoked.
     *
     * @return the reason's code for each leaf
     */
    public Map<X509Certificate, Integer> revoked() {
        return state.revoked();
    }

    /** Stops. Whatever is stalled is dropped. */
    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Optional<Kind> kind = state.kind(exchange.getRequestURI().getPath());
            if (kind.isEmpty()) {
                new Reply(404, Map.of(), new byte[0]).send(exchange);
                return;
            }
            Optional<Fault> fault = nextFault(kind.get());
            Optional<Reply> tooSoon = state.settings().limits.atEdge(kind.get());
            if (tooSoon.isPresent()) {
                tooSoon.get().send(exchange);
                return;
            }
            Fault.Usual usual = () ->
                    state.reply(kind.get(), exchange.getRequestURI().getPath(), exchange.getRequestMethod(), body);
            if (fault.isPresent()) {
                exchange.getResponseHeaders().set("Replay-Nonce", state.newNonce());
                fault.get().answer(exchange, usual, closing);
            } else {
                usual.reply().send(exchange);
            }
        }
    }

    private Optional<Fault> nextFault(Kind kind) {
        synchronized (requests) {
            requests.add(kind);
            ArrayDeque<Fault> scripted = once.getOrDefault(kind, new ArrayDeque<>());
            return scripted.isEmpty() ? Optional.ofNullable(always.get(kind)) : Optional.of(scripted.removeFirst());
        }
    }

    private SSLContext tls() {
        // Long before and after any clock that a test may set.
        CertificateBundle bundle =
                issuer.issue(Instant.parse("2001-01-01T00:00:00Z"), Duration.ofDays(36_000), "localhost", "127.0.0.1");
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry(
                    "ca", bundle.privateKey(), new char[0], bundle.chain().toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the fake CA's own https failed", e);
        }
    }
}
