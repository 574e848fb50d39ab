package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.testkit.OpensslSessions.Outcome;
import org.autotls.testkit.TlsProbe.Handshake;
import org.autotls.testkit.TlsProbe.Reply;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every server that serves a {@link LiveIndex} must do, asked from outside: which names it serves, how it refuses, how
 * it answers {@code acme-tls/1}, and that a change of certificate fails no handshake. The numbers are those of the fault
 * catalogue.
 */
public abstract class ServingContract {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);
    private static final int SWAPS = 1000;
    // What the JDK's engine itself refuses, some servers (HttpsServer) do not send on.
    private static final List<Reply.Kind> REFUSED = List.of(Reply.Kind.ALERT, Reply.Kind.CLOSED);
    private static final String[] VERSIONS = {"TLSv1.2", "TLSv1.3"};

    /** The CA of everything served; its root is what clients trust. */
    protected final TestCa ca = new TestCa();

    /** What the server serves. */
    protected final LiveIndex index = new LiveIndex(new ManualClock());

    /** The pending challenges, by server name. */
    protected final Map<String, CertificateBundle> pending = new ConcurrentHashMap<>();

    private TlsTestServer server;
    private TlsProbe probe;

    /** Subclasses are made by JUnit. */
    @SuppressWarnings("NullAway.Init") // set before each test
    protected ServingContract() {}

    /**
     * Starts the server under test, over {@link #index} and {@link #pending}. It chooses {@code http/1.1} if that is offered,
     * or knows no ALPN.
     *
     * @return the running server
     * @throws Exception if it cannot be started
     */
    protected abstract TlsTestServer start() throws Exception;

    /**
     * Returns the longest ClientHello that the server's engine takes.
     *
     * @return bytes; 32 KiB unless overridden
     */
    protected int longestHello() {
        return 32 * 1024;
    }

    @BeforeEach
    final void startServer() throws Exception {
        serve("a.example");
        serve("b.example");
        serve("*.wild.example");
        serve("xn--bcher-kva.example");
        index.put(Subject.of("rsa.example"), ca.issue(KeyType.RSA_2048, FROM, LIFETIME, "rsa.example"));
        server = start();
        probe = new TlsProbe(server.port());
    }

    @AfterEach
    final void stopServer() {
        server.close();
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
     * Returns the probe of the running server.
     *
     * @return a client
     */
    protected final TlsProbe probe() {
        return probe;
    }

    /**
     * Returns the running server.
     *
     * @return the server
     */
    protected final TlsTestServer server() {
        return server;
    }

    /** Asks as a client of each version, since engines take different ways. */
    private void expect(String expected, UnaryOperator<ClientHelloBytes> change) {
        assertThat(probe.send(change.apply(ClientHelloBytes.tls13()).records()))
                .as("TLS 1.3")
                .hasToString(expected);
        assertThat(probe.send(change.apply(ClientHelloBytes.tls12()).records()))
                .as("TLS 1.2")
                .hasToString(expected);
    }

    @TestFactory
    final Stream<DynamicTest> I1_to_I9_namesThatAreNotServed_areUnrecognized() {
        List<String> names = new ArrayList<>(List.of(
                "../../etc/passwd",
                "..%2f",
                "\\",
                "/etc/passwd",
                "C:\\x",
                ".",
                "..",
                "a.example/", // I1
                "a.example\0",
                "a\r\nb.example",
                "\u001b[31m",
                "a\u007f.example",
                "\u0080\u00ff.example",
                "\u00c0\u00af.example",
                "\u00e2\u0080\u008fa.example", // I2
                utf8("\u0131.example"),
                utf8("\u017f.example"),
                utf8("\u212a.example"), // I3
                "a.example.",
                ".a.example",
                "a..example",
                "example",
                "localhost", // I4
                utf8("b\u00fccher.example"),
                "xn--.example",
                "xn--a-.example",
                "xn--zzzzzz99999.example", // I5
                "192.0.2.1",
                "127.0.0.1",
                "[::1]",
                "::1",
                "fe80::1%eth0",
                "a.example:443", // I6
                "_a.example",
                "a_b.example",
                "_acme.a.example", // I7
                "*.wild.example",
                "*",
                "*.example",
                "a.b.wild.example",
                ".wild.example",
                "wild.example", // I8
                "unknown.example",
                "c.example"));
        for (int length : new int[] {64, 253, 254, 255, 300, 15_000}) { // I9
            names.add("a".repeat(length - 8) + ".example");
        }
        names.add("a.".repeat(122) + "a.example");
        return names.stream()
                .map(name -> dynamicTest(
                        name.length() > 60 ? name.length() + " characters" : name.replaceAll("[^!-~]", "?"),
                        () -> expect("alert 112", hello -> hello.serverName(name))));
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @TestFactory
    final Stream<DynamicTest> I3_I5_I8_namesThatAreServed_areServed() {
        return Stream.of(
                        "a.example",
                        "A.EXAMPLE",
                        "a.eXample",
                        "x.wild.example",
                        "X.Wild.Example",
                        "xn--bcher-kva.example",
                        "XN--BCHER-KVA.example",
                        "rsa.example")
                .map(name -> dynamicTest(name, () -> expect("SERVER_HELLO", hello -> hello.serverName(name))));
    }

    @Test
    final void I8_eachName_getsItsOwnCertificate() throws SSLException {
        for (String version : VERSIONS) {
            for (String name : List.of("a.example", "b.example", "rsa.example", "xn--bcher-kva.example")) {
                assertThat(names(probe.handshake(name, version))).isEqualTo("[" + name + "]");
            }
            assertThat(names(probe.handshake("X.WILD.example", version))).isEqualTo("[*.wild.example]");
        }
    }

    private static String names(Handshake handshake) {
        try {
            return handshake.leaf().getSubjectAlternativeNames().stream()
                    .map(name -> String.valueOf(name.get(1)))
                    .toList()
                    .toString();
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }

    @TestFactory
    final Stream<DynamicTest> I10_malformedHellos_areRefusedAtOnce() {
        Map<String, UnaryOperator<ClientHelloBytes>> cases = new LinkedHashMap<>();
        byte[] name = "a.example".getBytes(StandardCharsets.US_ASCII);
        byte[] one = concat(new byte[] {0, 0, 9}, name);
        byte[] both = concat(new byte[] {0, 24}, concat(one, one));
        cases.put("alert 47: two names", hello -> hello.extension(0, both));
        cases.put(
                "alert 47: server_name twice",
                hello -> hello.serverName("a.example").serverName("b.example"));
        cases.put(
                "alert 47: the same server_name twice",
                hello -> hello.serverName("a.example").serverName("a.example"));
        cases.put(
                "alert 47: ALPN twice",
                hello -> hello.serverName("a.example").alpn("h2").alpn("acme-tls/1"));
        cases.put("alert 50: empty server_name", hello -> hello.extension(0, new byte[0]));
        cases.put("alert 50: empty list", hello -> hello.extension(0, new byte[] {0, 0}));
        cases.put("alert 50: empty name", hello -> hello.serverName(""));
        cases.put("alert 50: list longer than extension", hello -> hello.extension(0, new byte[] {0, 9, 0, 0, 1, 97}));
        cases.put("alert 50: name longer than list", hello -> hello.extension(0, new byte[] {0, 4, 0, 0, 9, 97}));
        cases.put("alert 50: bytes after the list", hello -> hello.extension(0, new byte[] {0, 4, 0, 0, 1, 97, 1}));
        cases.put("alert 50: empty ALPN", hello -> hello.serverName("a.example").extension(16, new byte[] {0, 0}));
        cases.put(
                "alert 50: empty protocol",
                hello -> hello.serverName("a.example").extension(16, new byte[] {0, 1, 0}));
        return cases.entrySet().stream()
                .map(entry -> dynamicTest(
                        entry.getKey(), () -> expect(entry.getKey().replaceAll(":.*", ""), entry.getValue())));
    }

    @TestFactory
    final Stream<DynamicTest> I10_I11_I15_oddButSoundHellos_areServed() {
        Map<String, UnaryOperator<ClientHelloBytes>> cases = new LinkedHashMap<>();
        cases.put(
                "SNI after 10 KB of others",
                hello -> hello.extension(0x5a5a, new byte[10_000]).serverName("a.example"));
        cases.put("500 extensions", hello -> {
            ClientHelloBytes many = hello;
            for (int i = 0; i < 500; i++) {
                many = many.extension(0x7000 + i, new byte[3]);
            }
            return many.serverName("a.example");
        });
        cases.put(
                "extensions turned round",
                hello -> hello.serverName("a.example").reversed());
        cases.put("ECH GREASE", hello -> hello.extension(0xfe0d, echGrease()).serverName("a.example"));
        cases.put(
                "GREASE",
                hello -> hello.cipherSuites(0x1a1a, 0x1301, 0xc02b)
                        .extension(0x0a0a, new byte[0])
                        .serverName("a.example")
                        .alpn("\u008a\u008a", "http/1.1")
                        .extension(0xfafa, new byte[] {0}));
        return cases.entrySet().stream()
                .map(entry -> dynamicTest(entry.getKey(), () -> expect("SERVER_HELLO", entry.getValue())));
    }

    /** An outer ClientHello of ECH, with random content as far as anyone can tell. */
    private static byte[] echGrease() {
        byte[] body = new byte[1 + 2 + 2 + 1 + 2 + 32 + 2 + 144];
        body[2] = 1; // HKDF-SHA256
        body[4] = 1; // AES-128-GCM
        body[7] = 32;
        body[41] = (byte) 144;
        return body;
    }

    @Test
    final void I15_unknownVersions_neverEndInSilence() {
        for (int version : new int[] {0x0305, 0x7f1c}) {
            for (ClientHelloBytes hello : List.of(ClientHelloBytes.tls13(), ClientHelloBytes.tls12())) {
                Reply reply = probe.send(
                        hello.legacyVersion(version).serverName("a.example").records());
                assertThat(reply.kind()).isNotEqualTo(Reply.Kind.SILENT);
            }
        }
    }

    @Test
    final void I11_noServerName_isRefusedUnlessThereIsAFallback() throws SSLException {
        ClientHelloBytes otherType = ClientHelloBytes.tls13().extension(0, new byte[] {0, 4, 1, 0, 1, 97});
        assertThat(probe.send(ClientHelloBytes.tls13().records())).hasToString("alert 109");
        assertThat(probe.send(ClientHelloBytes.tls12().records())).hasToString("alert 40");
        assertThat(probe.send(otherType.records())).hasToString("alert 109");
        CertificateBundle fallback = ca.issue(FROM, LIFETIME, "default.example");
        index.putFallback(fallback);
        for (String version : VERSIONS) {
            assertThat(probe.handshake("", version).leaf()).isEqualTo(fallback.leaf());
            assertThatThrownBy(() -> probe.handshake("default.example", version))
                    .hasMessageContaining("unrecognized_name");
        }
        index.removeFallback();
        assertThat(probe.send(ClientHelloBytes.tls13().records())).hasToString("alert 109");
    }

    @TestFactory
    final Stream<DynamicTest> I12_aHelloCutInAnyWay_isTheSameHello() {
        ClientHelloBytes small = ClientHelloBytes.tls13().serverName("a.example");
        ClientHelloBytes unknown = ClientHelloBytes.tls13().serverName("unknown.example");
        ClientHelloBytes postQuantum = ClientHelloBytes.tls13().paddedTo(1900).serverName("a.example");
        ClientHelloBytes large =
                ClientHelloBytes.tls13().paddedTo(longestHello() - 100).serverName("a.example");
        ClientHelloBytes tooLarge =
                ClientHelloBytes.tls13().serverName("a.example").paddedTo(33_000);
        return Stream.of(
                cut("each byte in its segment", small.records(), 1, "SERVER_HELLO"),
                cut("each byte in its record", small.records(1), 100_000, "SERVER_HELLO"),
                cut("each byte in its record, and each of those in its segment", small.records(1), 1, "SERVER_HELLO"),
                cut("unknown, each byte in its record", unknown.records(1), 100_000, "alert 112"),
                cut("two records", small.records(100), 7, "SERVER_HELLO"),
                cut("longer than a packet", postQuantum.records(), 1400, "SERVER_HELLO"),
                cut("as long as may be", large.records(), 100_000, "SERVER_HELLO"),
                cut("as long as may be, in small records", large.records(50), 1000, "SERVER_HELLO"),
                cut("over 32 KiB", tooLarge.records(), 100_000, "alert 47"),
                cut("an empty record first", concat(new byte[] {22, 3, 1, 0, 0}, small.records()), 100_000, "alert 10"),
                cut("a record of 16385 bytes", new byte[] {22, 3, 1, 64, 1, 1, 0}, 100, "alert 22"),
                cut("I13 nine bytes that claim 16 MiB", new byte[] {22, 3, 1, 64, 0, 1, -1, -1, -1}, 9, "alert 47"));
    }

    private DynamicTest cut(String what, byte[] bytes, int segment, String expected) {
        // An engine reads a whole record before it looks inside, so a lie about the rest of one is only seen at the
        // end.
        boolean partial = what.startsWith("I13") && !seesPartialRecords();
        return dynamicTest(
                what,
                () -> assertThat(probe.send(bytes, segment, partial ? 300 : 20_000))
                        .hasToString(partial ? "SILENT" : expected));
    }

    /**
     * Tells whether the server sees the beginning of a record before its end has come.
     *
     * @return true unless overridden, for servers that hand whole records to an engine
     */
    protected boolean seesPartialRecords() {
        return true;
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    final void I14_whatIsNotTls_isRefusedAndHurtsNobody() throws SSLException {
        Random random = new Random(14);
        byte[] noise = new byte[3000];
        random.nextBytes(noise);
        noise[0] = 1;
        List<byte[]> wrong = List.of(
                "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                "SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII),
                "PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n".getBytes(StandardCharsets.US_ASCII),
                new byte[] {(byte) 0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16, 1, 0, (byte) 0x80, 3, 0, (byte) 0x80
                }, // SSLv2
                new byte[] {21, 3, 3, 0, 2, 2, 40},
                new byte[] {22, 2, 0, 0, 4, 1, 0, 0, 0},
                new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0},
                new byte[] {23, 3, 3, 0, 1, 0},
                noise);
        for (byte[] bytes : wrong) {
            Reply reply = probe.send(bytes);
            assertThat(reply.kind()).isIn(REFUSED);
        }
        ClientHelloBytes old = ClientHelloBytes.tls12().legacyVersion(0x0301).serverName("a.example");
        assertThat(probe.send(old.records()).kind()).isIn(REFUSED);
        assertThat(server.conversations()).isZero();
        assertThat(probe.handshake("a.example", "TLSv1.3").protocol()).isEqualTo("TLSv1.3");
    }

    @Test
    final void I16_anotherNameAfterHelloRetryRequest_isNotServed() {
        ClientHelloBytes withoutShare =
                ClientHelloBytes.tls12().extension(43, new byte[] {2, 3, 4}).extension(51, new byte[] {0, 0});
        Reply reply = probe.converse(
                withoutShare.serverName("a.example").records(),
                ClientHelloBytes.tls13().serverName("b.example").records());
        assertThat(reply.toString()).isIn(afterRetryWithAnotherName());
    }

    /**
     * Returns what may follow a second ClientHello with another server name.
     *
     * @return by default an alert; an engine that keeps to the first name may go on
     */
    protected List<String> afterRetryWithAnotherName() {
        return List.of("alert 112", "alert 47", "CLOSED");
    }

    @Test
    final void I17_aClientThatCannotUseTheKey_isRefused() {
        ClientHelloBytes ecdsaOnly = ClientHelloBytes.tls12().cipherSuites(0xc02b, 0xc02c);
        ClientHelloBytes rsaOnly = ClientHelloBytes.tls12().cipherSuites(0xc02f, 0xc030);
        assertThat(probe.send(ecdsaOnly.serverName("a.example").records())).hasToString("SERVER_HELLO");
        assertThat(probe.send(rsaOnly.serverName("rsa.example").records())).hasToString("SERVER_HELLO");
        assertThat(probe.send(ecdsaOnly.serverName("rsa.example").records()).kind())
                .isIn(REFUSED);
        assertThat(probe.send(rsaOnly.serverName("a.example").records()).kind()).isIn(REFUSED);
    }

    @Test
    final void N7_cbcAndStaticRsa_areOff() {
        ClientHelloBytes weak = ClientHelloBytes.tls12()
                .cipherSuites(0xc009, 0xc00a, 0xc013, 0xc023, 0xc027, 0x009c, 0x002f, 0x003c, 0x009e);
        assertThat(probe.send(weak.serverName("rsa.example").records()).kind()).isIn(REFUSED);
        assertThat(probe.send(weak.serverName("a.example").records()).kind()).isIn(REFUSED);
    }

    @Test
    final void J1_pendingChallenge_isAnsweredAndClosed() throws SSLException {
        for (KeyType keyType : List.of(KeyType.EC_P256, KeyType.RSA_2048)) { // J6
            pending.put("new.example", ChallengeBundles.of(keyType, "new.example"));
            pending.put("a.example", ChallengeBundles.of(keyType, "a.example"));
            for (String version : VERSIONS) {
                for (String name : List.of("new.example", "a.example", "NEW.Example")) { // J4
                    Handshake handshake = probe.handshake(name, version, "acme-tls/1");
                    assertThat(handshake.leaf().getCriticalExtensionOIDs()).contains(ChallengeBundles.ACME_IDENTIFIER);
                    assertThat(handshake.applicationProtocol()).isEqualTo("acme-tls/1");
                    assertThat(handshake.protocol()).isEqualTo(version);
                    assertThat(handshake.closed()).isTrue();
                }
            }
        }
        assertThat(server.conversations()).as("what the application saw").isZero();
        assertThat(probe.handshake("a.example", "TLSv1.3").leaf().getNonCriticalExtensionOIDs())
                .doesNotContain(ChallengeBundles.ACME_IDENTIFIER);
    }

    @Test
    final void J2_nothingPending_isNoApplicationProtocol() {
        for (String name : List.of("a.example", "unknown.example", "x.wild.example", "A.EXAMPLE", "a_b.example")) {
            expect("alert 120", hello -> hello.serverName(name).alpn("acme-tls/1"));
        }
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
        expect("SERVER_HELLO", hello -> hello.serverName("a.example").alpn("acme-tls/1"));
        for (String name : List.of("b.example", "a.example.", ".a.example", "a.a.example")) { // J4
            expect("alert 120", hello -> hello.serverName(name).alpn("acme-tls/1"));
        }
        expect("alert 120", hello -> hello.alpn("acme-tls/1"));
        pending.clear();
        expect("alert 120", hello -> hello.serverName("a.example").alpn("acme-tls/1"));
        assertThat(server.conversations()).isZero();
    }

    @Test
    final void J3_acmeTls1AmongOthers_isAnOrdinaryConnection() throws SSLException {
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
        for (String version : VERSIONS) {
            Handshake handshake = probe.handshake("a.example", version, "acme-tls/1", "http/1.1");
            assertThat(handshake.leaf().getIssuerX500Principal())
                    .isEqualTo(ca.root().getSubjectX500Principal());
            assertThat(handshake.applicationProtocol()).isIn("", "http/1.1");
        }
        pending.put("new.example", ChallengeBundles.of(KeyType.EC_P256, "new.example"));
        expect("alert 112", hello -> hello.serverName("new.example").alpn("acme-tls/1", "http/1.1"));
        expect("alert 112", hello -> hello.serverName("new.example"));
    }

    @Test
    final void J4_J5_reverseNamesAndLongNames_areAnswered() throws SSLException {
        String label = "a".repeat(60);
        for (String name : List.of("1.2.0.192.in-addr.arpa", String.join(".", label, label, label, label))) {
            pending.put(name, ChallengeBundles.of(KeyType.EC_P256, name));
            assertThat(probe.handshake(name, "TLSv1.2", "acme-tls/1").closed()).isTrue();
        }
    }

    @Test
    final void J8_twoOrdersForOneName_areAnsweredInTurn() throws SSLException {
        for (int i = 0; i < 3; i++) {
            CertificateBundle answer = ChallengeBundles.of(KeyType.EC_P256, "a.example");
            pending.put("a.example", answer);
            assertThat(probe.handshake("a.example", "TLSv1.3", "acme-tls/1").leaf())
                    .isEqualTo(answer.leaf());
        }
    }

    @Test
    final void J12_probesForRandomNames_areAllRefused() {
        Random random = new Random(12);
        for (int i = 0; i < 300; i++) {
            byte[] hello = ClientHelloBytes.tls13()
                    .serverName("n" + random.nextInt(1 << 20) + ".example")
                    .alpn("acme-tls/1")
                    .records();
            assertThat(probe.send(hello)).hasToString("alert 120");
        }
    }

    @Test
    final void T8_aThousandSwaps_failNoHandshake() throws Exception {
        List<CertificateBundle> bundles = Stream.generate(() -> ca.issue(FROM, LIFETIME, "a.example"))
                .limit(SWAPS)
                .toList();
        SwapClients clients = new SwapClients(probe, TlsProbe.trusting(ca.root()), "a.example");
        clients.start(2);
        Optional<Throwable> failure = Optional.empty();
        for (CertificateBundle bundle : bundles) {
            index.put(Subject.of("a.example"), bundle);
            clients.expect(bundle.leaf().getSerialNumber());
            failure = clients.awaitOneHandshake();
            if (failure.isPresent()) {
                break;
            }
        }
        clients.stop();
        assertThat(failure).isEmpty();
        assertThat(clients.failure()).isEmpty();
        assertThat(clients.handshakes()).isGreaterThanOrEqualTo(SWAPS);
    }

    /**
     * Tells whether a session is resumed under the name it was made for.
     *
     * @return true unless overridden
     */
    protected boolean resumes() {
        return true;
    }

    @TestFactory
    @Tag("rig")
    final Stream<DynamicTest> T9_aSessionIsResumedUnderItsOwnNameOnly(@TempDir Path directory) {
        return Stream.of("-tls1_3", "-tls1_2", "-tls1_2 -no_ticket")
                .map(way -> dynamicTest(way, () -> checkResumption(directory, way.split(" "))));
    }

    private void checkResumption(Path directory, String... way) {
        OpensslSessions openssl = new OpensslSessions(server.port(), directory);
        assertThat(openssl.begin("a", with(way, "-servername", "a.example"))).isEqualTo(Outcome.NEW);
        assertThat(openssl.offer("a", with(way, "-servername", "a.example")))
                .isEqualTo(resumes() ? Outcome.REUSED : Outcome.NEW);
        assertThat(openssl.offer("a", with(way, "-servername", "b.example"))).isEqualTo(Outcome.NEW);
        assertThat(openssl.offer("a", with(way, "-servername", "unknown.example")))
                .isEqualTo(Outcome.REFUSED);
        assertThat(openssl.offer("a", with(way, "-noservername"))).isEqualTo(Outcome.REFUSED);
        openssl.begin("wild", with(way, "-servername", "x.wild.example"));
        assertThat(openssl.offer("wild", with(way, "-servername", "y.wild.example")))
                .as("another name of the same certificate")
                .isEqualTo(Outcome.NEW);
        index.putFallback(ca.issue(FROM, LIFETIME, "default.example"));
        assertThat(openssl.offer("a", with(way, "-noservername"))).isEqualTo(Outcome.NEW);
        openssl.begin("none", with(way, "-noservername"));
        assertThat(openssl.offer("none", with(way, "-noservername"))).isEqualTo(Outcome.NEW);
        assertThat(openssl.offer("none", with(way, "-servername", "a.example"))).isEqualTo(Outcome.NEW);
        index.removeFallback();
        serve("a.example");
        assertThat(openssl.offer("a", with(way, "-servername", "a.example")))
                .as("after the certificate was replaced")
                .isNotEqualTo(Outcome.REFUSED);
        index.remove(Subject.of("a.example"));
        assertThat(openssl.offer("a", with(way, "-servername", "a.example"))).isEqualTo(Outcome.REFUSED);
        serve("a.example");
    }

    @TestFactory
    @Tag("rig")
    final Stream<DynamicTest> J10_aSessionOfAValidation_isNotResumed(@TempDir Path directory) {
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
        return Stream.of("-tls1_3", "-tls1_2")
                .map(version -> dynamicTest(version, () -> {
                    OpensslSessions openssl = new OpensslSessions(server.port(), directory);
                    String[] validation = {version, "-servername", "a.example", "-alpn", "acme-tls/1"};
                    assertThat(openssl.begin("v" + version, validation)).isEqualTo(Outcome.NEW);
                    assertThat(openssl.offer("v" + version, validation)).isEqualTo(Outcome.NEW);
                    assertThat(openssl.offer("v" + version, version, "-servername", "a.example"))
                            .isEqualTo(Outcome.NEW);
                    openssl.begin("o" + version, version, "-servername", "a.example");
                    assertThat(openssl.offer("o" + version, validation)).isEqualTo(Outcome.NEW);
                }));
    }

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
