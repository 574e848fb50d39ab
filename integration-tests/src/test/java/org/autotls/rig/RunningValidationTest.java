package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.autotls.CertificateBundle;
import org.autotls.Revision;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.Await;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.TestCa;
import org.autotls.testkit.TlsProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Table J against a running {@code ./autotls web}: it serves {@code a.example}, and waits for a CA that never comes to
 * validate {@code new.example}.
 */
@Tag("rig")
class RunningValidationTest {

    private static final Duration STALLED_LIMIT = Duration.ofSeconds(60);
    private static final String ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
    private static final String ACME_TLS = "acme-tls/1";

    @TempDir
    static Path scratch = Path.of("");

    private static final FakeCa CA = FakeCa.start();
    private static final TestCa SERVED = new TestCa();
    private static int port;
    private static TlsProbe probe;
    private static ChildProcess web;

    @BeforeAll
    static void serve() throws IOException {
        CA.settings().looksUntilDone(1_000_000);
        Files.createDirectories(scratch.resolve("site"));
        Tls.writePem(scratch.resolve("ca.crt"), CA.root());
        Tls.writePem(scratch.resolve("served.crt"), SERVED.root());
        DirectoryStore store =
                DirectoryStore.open(Files.createDirectories(scratch.resolve("certs")), InstantSource.system());
        CertificateBundle bundle = SERVED.issue(InstantSource.system().instant(), Duration.ofDays(90), "a.example");
        store.save(Subject.of("a.example"), bundle, Revision.NONE);
        store.request(Subject.of("new.example"));
        port = FreePorts.next();
        probe = new TlsProbe(port);
        web = Autotls.start(
                scratch,
                "web",
                "--port",
                "acme:" + CA.directory().toString().replace(":", "\\:") + ":certs:tcp:" + port + ":interface=127.0.0.1",
                "--path",
                "site",
                "--acme-root",
                "ca.crt",
                "--agree-tos");
        web.line("listening on", Await.HANG_LIMIT);
        Await.until(
                Await.HANG_LIMIT,
                () -> "SERVER_HELLO"
                        .equals(ask(ClientHelloBytes.tls13()
                                .serverName("new.example")
                                .alpn(ACME_TLS))),
                web::output);
    }

    @AfterAll
    static void stop() {
        web.close();
        CA.close();
    }

    private static String ask(ClientHelloBytes hello) {
        return probe.send(hello.records()).toString();
    }

    @ParameterizedTest
    @CsvSource({"new.example, TLSv1.2", "new.example, TLSv1.3", "NEW.Example, TLSv1.3"})
    void J1_J4_pendingChallenge_isAnsweredAndClosed(String name, String version) throws Exception {
        TlsProbe.Handshake handshake = probe.handshake(name, version, ACME_TLS);
        assertThat(handshake.leaf().getCriticalExtensionOIDs()).contains(ACME_IDENTIFIER);
        assertThat(handshake.leaf().getSubjectAlternativeNames())
                .singleElement()
                .asString()
                .contains("new.example");
        assertThat(handshake.applicationProtocol()).isEqualTo(ACME_TLS);
        assertThat(handshake.protocol()).isEqualTo(version);
        assertThat(handshake.closed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void J1_pendingChallenge_isAnsweredForOpenssl(String version) {
        OpensslClient.Handshake handshake =
                OpensslClient.connect(port, "-servername", "new.example", version, "-alpn", ACME_TLS);
        assertThat(handshake.alpn()).as(handshake.output()).contains(ACME_TLS);
        assertThat(handshake.output()).contains("Server certificate");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a.example", "unknown.example", "new.example.", ".new.example", "x.new.example", "a_b.example"})
    void J2_J4_nothingPending_isNoApplicationProtocol(String name) {
        assertThat(ask(ClientHelloBytes.tls13().serverName(name).alpn(ACME_TLS)))
                .isEqualTo("alert 120");
        assertThat(ask(ClientHelloBytes.tls12().serverName(name).alpn(ACME_TLS)))
                .isEqualTo("alert 120");
    }

    @Test
    void J4_noServerName_isNoApplicationProtocol() {
        assertThat(ask(ClientHelloBytes.tls13().alpn(ACME_TLS))).isEqualTo("alert 120");
        assertThat(ask(ClientHelloBytes.tls12().alpn(ACME_TLS))).isEqualTo("alert 120");
    }

    @Test
    void J3_acmeAmongOthers_isAnOrdinaryConnection() throws Exception {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            TlsProbe.Handshake handshake = probe.handshake("a.example", version, ACME_TLS, "http/1.1");
            assertThat(handshake.applicationProtocol()).isEqualTo("http/1.1");
            assertThat(handshake.leaf().getIssuerX500Principal())
                    .isEqualTo(SERVED.root().getSubjectX500Principal());
        }
        assertThat(ask(ClientHelloBytes.tls13().serverName("new.example").alpn(ACME_TLS, "http/1.1")))
                .isEqualTo("alert 112");
        assertThat(ask(ClientHelloBytes.tls13().serverName("new.example"))).isEqualTo("alert 112");
    }

    /** One deadline for all connections; ten seconds, and patience with a busy machine. */
    @ParameterizedTest
    @ValueSource(strings = {"new.example", "a.example"})
    void J7_aStalledHandshake_isClosed(String name) throws IOException {
        byte[] hello = (name.equals("new.example")
                        ? ClientHelloBytes.tls13().serverName(name).alpn(ACME_TLS)
                        : ClientHelloBytes.tls13().serverName(name))
                .records();
        for (int length : new int[] {hello.length, hello.length - 1}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout((int) STALLED_LIMIT.toMillis());
                socket.getOutputStream().write(hello, 0, length);
                InputStream in = socket.getInputStream();
                in.readAllBytes(); // ends when the server closes; a server that does not is a SocketTimeoutException
            }
        }
    }

    @Test
    void J10_aSessionOfAValidation_isNoUse() {
        String session = scratch.resolve("validation").toString();
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            OpensslClient.connect(port, "-servername", "new.example", version, "-alpn", ACME_TLS, "-sess_out", session);
            if (Files.exists(Path.of(session))) { // a server may give no session at all: the better way
                OpensslClient.Handshake again =
                        OpensslClient.connect(port, "-servername", "a.example", version, "-sess_in", session);
                assertThat(again.output()).doesNotContain("Reused, ");
            }
        }
    }

    @Test
    void J12_probesForRandomNames_areAllRefusedAndAskTheCaNothing() {
        long orders = CA.count(FakeCa.Kind.NEW_ORDER);
        Random random = new Random(12);
        for (int i = 0; i < 300; i++) {
            assertThat(ask(ClientHelloBytes.tls13()
                            .serverName("n" + random.nextInt(1 << 20) + ".example")
                            .alpn(ACME_TLS)))
                    .isEqualTo("alert 120");
        }
        assertThat(CA.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(orders);
    }
}
