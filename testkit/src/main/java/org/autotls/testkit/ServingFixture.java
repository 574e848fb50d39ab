package org.autotls.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.testkit.TlsProbe.Reply;
import org.autotls.tls.LiveIndex;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * What the tests of a server start from: a server, what it serves, and a probe. See {@link ServingContract}. One server lives
 * through all tests of a class; what it serves is put back before each.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServingFixture {

    static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    static final Duration LIFETIME = Duration.ofDays(36500);
    // What the JDK's engine itself refuses, some servers (HttpsServer) do not send on.
    static final List<Reply.Kind> REFUSED = List.of(Reply.Kind.ALERT, Reply.Kind.CLOSED);
    static final String[] VERSIONS = {"TLSv1.2", "TLSv1.3"};

    /** The CA of everything served; its root is what clients trust. */
    protected final TestCa ca = new TestCa();

    /** What the server serves. */
    protected final LiveIndex index = new LiveIndex(new ManualClock());

    /** The pending challenges, by server name. */
    protected final Map<String, CertificateBundle> pending = new ConcurrentHashMap<>();

    private final Map<Subject, CertificateBundle> served = new HashMap<>();
    private @Nullable TlsTestServer server;
    private @Nullable TlsProbe probe;

    ServingFixture() {
        for (String name : List.of("a.example", "b.example", "*.wild.example", "xn--bcher-kva.example")) {
            served.put(Subject.of(name), ca.issue(FROM, LIFETIME, name));
        }
        served.put(Subject.of("rsa.example"), ca.issue(KeyType.RSA_2048, FROM, LIFETIME, "rsa.example"));
    }

    /**
     * Starts the server under test, over {@link #index} and {@link #pending}. It chooses {@code http/1.1} if that is offered,
     * or knows no ALPN.
     *
     * @return the running server
     * @throws Exception if it cannot be started
     */
    protected abstract TlsTestServer start() throws Exception;

    /**
     * Gets ready, before anything is served and the server is started.
     *
     * @throws Exception if that fails
     */
    protected void prepare() throws Exception {
        // nothing, unless overridden
    }

    /** Undoes {@link #prepare}, after the server was closed. Does nothing unless overridden. */
    protected void release() {}

    /**
     * Tells what does the TLS.
     *
     * @return the JDK's engine unless overridden
     */
    protected TlsEngine engine() {
        return TlsEngine.JDK;
    }

    /**
     * Returns the longest ClientHello that the server takes.
     *
     * @return bytes; as the engine unless overridden
     */
    protected int longestHello() {
        return engine().longestHello();
    }

    @BeforeAll
    final void startServer() throws Exception {
        prepare();
        index.replace(served);
        TlsTestServer started = start();
        server = started;
        probe = new TlsProbe(started.port());
    }

    @BeforeEach
    final void serveWhatWasServedAtFirst() {
        pending.clear();
        index.removeFallback();
        index.replace(served);
    }

    @AfterAll
    final void stopServer() {
        if (server != null) { // else it could not be started
            server.close();
        }
        release();
    }

    /** Puts a new server in the place of the running one, for tests that count its conversations from zero. */
    final void restartServer() throws Exception {
        stopServer();
        startServer();
    }

    /**
     * Serves a new certificate.
     *
     * @param name the only name of its leaf
     * @return what is served now
     */
    protected final CertificateBundle serve(String name) {
        CertificateBundle bundle = ca.issue(FROM, LIFETIME, name);
        index.put(Subject.of(name), bundle);
        return bundle;
    }

    /**
     * Called when a test has changed the {@link #index} of a running server; returns when the change is served. Does nothing
     * unless overridden, for servers that do not read the index itself.
     *
     * @throws Exception if the change cannot be passed on
     */
    protected void published() throws Exception {}

    /**
     * Returns the probe of the running server.
     *
     * @return a client
     */
    protected final TlsProbe probe() {
        return requireNonNull(probe);
    }

    /**
     * Returns the running server.
     *
     * @return the server
     */
    protected final TlsTestServer server() {
        return requireNonNull(server);
    }

    /** Asks as a client of each version, since engines take different ways. */
    final void expect(String expected, UnaryOperator<ClientHelloBytes> change) {
        assertThat(probe().send(change.apply(ClientHelloBytes.tls13()).records()))
                .as("TLS 1.3")
                .hasToString(expected);
        assertThat(probe().send(change.apply(ClientHelloBytes.tls12()).records()))
                .as("TLS 1.2")
                .hasToString(expected);
    }

    /**
     * Tells whether the server sees the beginning of a record before its end has come.
     *
     * @return true unless overridden, for servers that hand whole records to an engine
     */
    protected boolean seesPartialRecords() {
        return true;
    }

    /**
     * Tells whether a ClientHello may come in several TLS records. Undertow with HTTP/2 reads the first record before its
     * engine does ({@code ALPNOfferedClientHelloExplorer}), waits for all of it whatever length it claims, and closes if that
     * is not the whole hello.
     *
     * @return true unless overridden; then {@link #longestHello} must fit into one record, too
     */
    protected boolean takesSplitHellos() {
        return true;
    }

    /**
     * Tells whether the server reads the ClientHello by itself before its engine does, and takes it to be in one record.
     * Then a malformed one, and one in several records, may be closed without an alert; a record longer than records may be
     * is waited for until the server's own time limit; and http is answered with a page that says so. Tomcat does: it looks
     * for the server name of its virtual hosts ({@code TLSClientHelloExtractor}), and has no setting against it.
     *
     * @return false unless overridden
     */
    protected boolean readsHellosItself() {
        return false;
    }

    /**
     * Tells whether the server cuts the bytes into records before its engine sees them. Then a record that is longer than one
     * may be is waited for until the server's own time limit, and an empty one ends the connection without an alert. gRPC
     * does, with Netty's {@code SslHandler}; it has no setting against it.
     *
     * @return false unless overridden
     */
    protected boolean cutsRecordsItself() {
        return false;
    }

    /**
     * Tells whether a session is resumed under the name it was made for.
     *
     * @return true unless overridden
     */
    protected boolean resumes() {
        return true;
    }
}
