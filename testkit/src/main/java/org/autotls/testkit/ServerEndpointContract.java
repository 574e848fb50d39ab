package org.autotls.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.CertificateBundle;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.KeyType;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.Subject;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.TlsProbe.Handshake;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.LiveIndex;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every server must do that gets its TLS from an {@link AutoTls}: all of {@link ServingContract}, and beyond it what a
 * whole server has: HTTP by ALPN and without, client certificates, plain http, a clean stop, and a second service beside it.
 *
 * <p>A module for a server extends it once for each version and engine of that server. All are tagged {@code rig}: some run the
 * programs {@code openssl} and {@code curl}.
 */
@Tag("rig")
public abstract class ServerEndpointContract extends ServingContract {

    private static final String ENGINE = "autotls.engine";
    // Fewer suffice where the same code runs on another version of a server.
    private static final int HANDSHAKES_FOR_EACH_SWAP = Integer.getInteger("autotls.test.handshakes", 10_000) / 1000;
    private static final int STOP_SECONDS = 20;
    private static final Pattern WHOLE_ANSWER =
            Pattern.compile("(?is).*?\\r\\nContent-Length: *(\\d+)\\r\\n(?:.*?\\r\\n)?\\r\\n(.*)");

    private final List<AutoTls> opened = new ArrayList<>();
    private @Nullable AutoTls served;

    /** Subclasses are made by JUnit. */
    protected ServerEndpointContract() {}

    /**
     * Starts the server under test on a free port of the loopback address, through the face of its module. It answers
     * {@code GET /} with 200 and a body that contains {@link #serverName}, and counts requests as conversations.
     *
     * @param autoTls open; closed by the contract
     * @return the running server
     * @throws Exception if it cannot be started
     */
    protected abstract TlsTestServer start(AutoTls autoTls) throws Exception;

    /**
     * Starts the same server without TLS, with the module's handler for plain http.
     *
     * @param autoTls whose challenges and names are answered for
     * @return the running server; empty if it is no HTTP server
     * @throws Exception if it cannot be started
     */
    protected abstract Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws Exception;

    /**
     * Returns what the body of every answer contains.
     *
     * @return the server's name; empty for a server that has no answer to {@code GET /}
     */
    protected abstract String serverName();

    /** So many that the thousand swaps are among ten thousand handshakes. */
    @Override
    protected final int handshakesForEachSwap() {
        return Math.max(1, HANDSHAKES_FOR_EACH_SWAP);
    }

    /**
     * Returns the protocols that the server chooses by ALPN.
     *
     * @return {@code h2} and {@code http/1.1} unless overridden
     */
    protected List<String> protocols() {
        return List.of("h2", "http/1.1");
    }

    /**
     * Returns the protocols that the server chooses by ALPN, for a client that offers one version of TLS only. Undertow takes
     * HTTP/2 only from clients that offer the cipher suite that HTTP/2 requires of TLS 1.2 (RFC 9113 §9.2.2), even for TLS 1.3.
     *
     * @param version {@code TLSv1.2} or {@code TLSv1.3}
     * @return {@link #protocols()} unless overridden
     */
    protected List<String> protocols(String version) {
        return protocols();
    }

    /**
     * Tells who decides between protocols that both sides know. Helidon takes the first that the client offers.
     *
     * @return false unless overridden: the server
     */
    protected boolean clientsOrderDecides() {
        return false;
    }

    @Override
    protected final void prepare() {
        System.setProperty(ENGINE, engine() == TlsEngine.CONSCRYPT ? "conscrypt" : "jdk");
        served = open(AutoTlsBuilder::readOnly, index, pending);
    }

    @Override
    protected final TlsTestServer start() throws Exception {
        return start(served());
    }

    private AutoTls served() {
        return requireNonNull(served);
    }

    @Override
    protected final void release() {
        System.clearProperty(ENGINE);
        served().close();
    }

    /** What a test has opened beside the one of the class. */
    @AfterEach
    final void closeOthers() {
        opened.forEach(AutoTls::close);
        opened.clear();
    }

    @Test
    final void oneCertificateOverSeveralNames_isServedForEach() throws SSLException {
        CertificateBundle several = ca.issue(FROM, LIFETIME, "c.example", "d.example", "*.e.example");
        index.put(Subject.of("c.example", "d.example", "*.e.example"), several);
        for (String name : List.of("c.example", "d.example", "x.e.example")) {
            assertThat(probe().handshake(name, "TLSv1.3").leaf()).isEqualTo(several.leaf());
            assertThat(probe().handshake(name, "TLSv1.2").leaf()).isEqualTo(several.leaf());
        }
    }

    @Test
    final void applicationProtocols_areChosenInTheServersOrder() throws SSLException {
        for (String version : VERSIONS) {
            for (String protocol : protocols(version)) {
                Handshake handshake = probe().handshake("a.example", version, protocol);
                assertThat(handshake.applicationProtocol()).isEqualTo(protocol);
            }
            if (protocols().size() > 1) {
                String first = protocols(version).get(0);
                Handshake handshake = probe().handshake("a.example", version, "http/1.1", "h2");
                assertThat(handshake.applicationProtocol()).isEqualTo(clientsOrderDecides() ? "http/1.1" : first);
            }
        }
    }

    @TestFactory
    final Stream<DynamicTest> http_isAnsweredOverEachProtocol(@TempDir Path directory) {
        CurlProbe curl = new CurlProbe(directory, ca.root());
        return Stream.concat(protocols().stream(), Stream.of("none"))
                .filter(protocol -> !protocol.equals("none") || answersHttp1())
                .map(protocol -> dynamicTest("ALPN " + protocol, () -> {
                    CurlProbe.Answer answer = curl.fetch("a.example", server().port(), CurlProbe.protocol(protocol));
                    assertThat(answer.exitCode()).as(answer.toString()).isZero();
                    assertThat(answer.httpVersion()).isEqualTo(protocol.equals("h2") ? "2" : "1.1");
                    assertThat(answer.body()).contains(serverName());
                }));
    }

    private boolean answersHttp1() {
        return protocols().isEmpty() || protocols().contains("http/1.1");
    }

    @Test
    final void clientCertificate_isRequiredOfClientsAndNotOfValidations(@TempDir Path directory) throws Exception {
        TestCa clients = new TestCa();
        CertificateBundle client = clients.issue(FROM, LIFETIME, "client.example");
        CertificateBundle stranger = new TestCa().issue(FROM, LIFETIME, "client.example");
        AutoTls mutual = open(
                builder -> builder.readOnly().requireClientCertificates(clients.root()),
                new LiveIndex(new ManualClock()),
                pending);
        opened.add(mutual);
        mutual.index().put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
        try (TlsTestServer server = start(mutual)) {
            CurlProbe curl = new CurlProbe(directory, ca.root());
            String[] alpn = CurlProbe.protocol(
                    protocols().isEmpty() ? "none" : protocols().get(0));
            for (String version : List.of("1.2", "1.3")) {
                String[] options = CurlProbe.with(alpn, "--tlsv" + version, "--tls-max", version);
                assertThat(curl.fetch("a.example", server.port(), options).exitCode())
                        .isNotZero();
                assertThat(curl.fetchAs(stranger, "a.example", server.port(), options)
                                .exitCode())
                        .isNotZero();
                assertThat(server.conversations()).isZero();
            }
            CurlProbe.Answer welcome = curl.fetchAs(client, "a.example", server.port(), alpn);
            assertThat(welcome.exitCode()).as(welcome.toString()).isZero();
            assertThat(welcome.body()).contains(serverName());
            pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
            assertThat(new TlsProbe(server.port())
                            .handshake("a.example", "TLSv1.3", "acme-tls/1")
                            .closed())
                    .isTrue();
        }
    }

    @Test
    final void twoServicesInOneJvm_doNotMeet() throws Exception {
        TestCa otherCa = new TestCa();
        LiveIndex otherIndex = new LiveIndex(new ManualClock());
        Map<String, CertificateBundle> otherPending = new ConcurrentHashMap<>();
        AutoTls other = open(AutoTlsBuilder::readOnly, otherIndex, otherPending);
        opened.add(other);
        CertificateBundle theirs = otherCa.issue(FROM, LIFETIME, "a.example");
        otherIndex.put(Subject.of("a.example"), theirs);
        try (TlsTestServer second = start(other)) {
            TlsProbe theirProbe = new TlsProbe(second.port());
            BigInteger ours = probe().handshake("a.example", "TLSv1.3").leaf().getSerialNumber();
            assertThat(theirProbe.handshake("a.example", "TLSv1.3").leaf()).isEqualTo(theirs.leaf());
            assertThat(theirProbe.send(
                            ClientHelloBytes.tls13().serverName("b.example").records()))
                    .hasToString("alert 112");
            pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
            byte[] validation = ClientHelloBytes.tls13()
                    .serverName("a.example")
                    .alpn("acme-tls/1")
                    .records();
            assertThat(theirProbe.send(validation)).hasToString("alert 120");
            assertThat(probe().send(validation)).hasToString("SERVER_HELLO");
            assertThat(probe().handshake("a.example", "TLSv1.3").leaf().getSerialNumber())
                    .isEqualTo(ours);
        }
        assertThat(probe().handshake("b.example", "TLSv1.3").leaf().getSerialNumber())
                .isPositive();
    }

    /** The server of this class is down meanwhile: pools of its own may start threads at any time. */
    @Test
    final void stop_freesThePortAndLeavesNoThread() throws Exception {
        stopServer();
        try {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            startAndStopAnother();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (!before.contains(thread) && !thread.isDaemon()) {
                    thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
                    assertThat(thread.isAlive()).as(thread.getName()).isFalse();
                }
            }
        } finally {
            startServer();
        }
    }

    private void startAndStopAnother() throws Exception {
        AutoTls another = open(AutoTlsBuilder::readOnly, new LiveIndex(new ManualClock()), new ConcurrentHashMap<>());
        CertificateBundle theirs = ca.issue(FROM, LIFETIME, "a.example");
        another.index().put(Subject.of("a.example"), theirs);
        TlsTestServer stopped = start(another);
        int port = stopped.port();
        new TlsProbe(port).handshake("a.example", "TLSv1.3");
        stopped.close();
        another.close();

        if (isFree(port)) {
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                    .isInstanceOf(IOException.class);
        } else { // taken meanwhile by another program, which has no such certificate
            assertThat(leafAt(port)).isNotEqualTo(theirs.leaf());
        }
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket again = new ServerSocket()) {
            again.setReuseAddress(true);
            again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (BindException e) {
            return false;
        }
    }

    private static @Nullable X509Certificate leafAt(int port) {
        try {
            return new TlsProbe(port).handshake("a.example", "TLSv1.3").leaf();
        } catch (SSLException | UncheckedIOException e) {
            return null;
        }
    }

    @Test
    final void plainHttp_answersChallengesAndRedirectsTheRest() throws Exception {
        Optional<TlsTestServer> started = startPlainHttp(served());
        if (started.isEmpty()) {
            assertThat(answersHttp1())
                    .as("an HTTP server has a handler for plain http")
                    .isFalse();
            return;
        }
        try (TlsTestServer plain = started.get()) {
            served().http01().present(new Challenge("http-01", Identifier.of("a.example"), "tok", "tok.key"));
            String path = "/.well-known/acme-challenge/";
            assertThat(plain(plain, "GET", path + "tok", "A.example:80"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("\r\n\r\ntok.key")
                    .containsIgnoringCase("\r\nContent-Type: application/octet-stream\r\n")
                    .containsIgnoringCase("\r\nX-Content-Type-Options: nosniff\r\n");
            assertThat(plainAfterHead(plain, path + "tok"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("\r\n\r\ntok.key");
            assertThat(plain(plain, "GET", path + "other", "a.example")).startsWith("HTTP/1.1 404");
            assertThat(plain(plain, "GET", path + "tok", "b.example")).startsWith("HTTP/1.1 404");
            assertThat(plain(plain, "GET", "/x/y?z=%2F&q", "a.example"))
                    .startsWith("HTTP/1.1 301")
                    .containsIgnoringCase("\r\nLocation: https://a.example/x/y?z=%2F&q\r\n");
            assertThat(plain(plain, "POST", "/x", "a.example")).startsWith("HTTP/1.1 308");
            assertThat(plain(plain, "GET", "/", "unknown.example"))
                    .startsWith("HTTP/1.1 404")
                    .doesNotContain("unknown.example");
        }
    }

    private static String plain(TlsTestServer server, String method, String target, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(STOP_SECONDS * 1000);
            String request = method + " " + target + " HTTP/1.1\r\nHost: " + host
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return answer(socket.getInputStream());
        }
    }

    /** HEAD and then GET on one connection: a body of the first answer would be taken for the second one. */
    private static String plainAfterHead(TlsTestServer server, String target) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(STOP_SECONDS * 1000);
            String request = " " + target + " HTTP/1.1\r\nHost: a.example\r\n\r\n";
            socket.getOutputStream().write(("HEAD" + request).getBytes(StandardCharsets.US_ASCII));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                assertThat(next).as("after " + head).isNotNegative();
                head.append((char) next);
            }
            assertThat(head.toString()).startsWith("HTTP/1.1 200");
            if (head.toString().toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n")) {
                assertThat(socket.getInputStream().readAllBytes()).isEmpty();
                return plain(server, "GET", target, "a.example");
            }
            socket.getOutputStream().write(("GET" + request).getBytes(StandardCharsets.US_ASCII));
            return answer(socket.getInputStream());
        }
    }

    /** As far as its Content-Length says: not every server closes when it is asked to (helidon#12324). */
    private static String answer(InputStream in) throws IOException {
        StringBuilder answer = new StringBuilder();
        Matcher whole = WHOLE_ANSWER.matcher(answer);
        int next = in.read();
        while (next >= 0) {
            answer.append((char) next);
            if (whole.reset().matches() && whole.group(2).length() >= Integer.parseInt(whole.group(1))) {
                break;
            }
            next = in.read();
        }
        return answer.toString();
    }

    /** What is set before an {@link AutoTls} is opened. */
    private interface Settings {
        AutoTlsBuilder apply(AutoTlsBuilder builder);
    }

    private static AutoTls open(Settings settings, LiveIndex index, Map<String, CertificateBundle> pending) {
        ManualClock clock = new ManualClock();
        MemoryStore store = new MemoryStore(clock);
        AutoTlsBuilder builder = AutoTls.with(store, store, store)
                .scheduler(clock)
                .mapping(index)
                .responder(new Pending(pending));
        return settings.apply(builder).open();
    }

    /** Challenges that a test put there, in the place of a CA. */
    private record Pending(Map<String, CertificateBundle> certificates) implements Responder, ChallengeCertificates {

        @Override
        public Optional<CertificateBundle> find(String serverName) {
            return Optional.ofNullable(certificates.get(serverName));
        }

        @Override
        public String challengeType() {
            return "tls-alpn-01";
        }

        @Override
        public Presentation present(Challenge challenge) {
            return new Presentation("tls-alpn-01", challenge.identifier(), "");
        }

        @Override
        public void cleanUp(Presentation presentation) {
            certificates.remove(presentation.identifier().value());
        }
    }
}
