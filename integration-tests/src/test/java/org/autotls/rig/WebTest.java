package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.TlsProbe;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The original's command against a real CA: a certificate over the port that serves, and then served. */
@Tag("rig")
class WebTest {

    /** What the log says of a try that failed; the next one would hide it. */
    private static final String FAILED_TRY = "could not issue";

    @TempDir
    Path scratch;

    private Path site = Path.of("");

    static List<PebbleBinary> binaries() {
        return PebbleBinary.all();
    }

    @BeforeEach
    void makeSite() throws Exception {
        site = Files.createDirectories(scratch.resolve("site"));
        Files.writeString(site.resolve("index.html"), "it works\n");
    }

    @Test
    void web_local_needsNothing() throws Exception {
        int port = FreePorts.next();
        Path certs = scratch.resolve("certs");
        try (ChildProcess web =
                Autotls.start(scratch, "web", "--port", "local:certs:tcp:" + port, "--path", site.toString())) {
            Path root = certs.resolve("local-ca.crt");
            web.line("local-ca\\.crt", Await.HANG_LIMIT);
            awaitServed(web, port, "localhost", root);
            assertThat(Curl.trusting(root).body("localhost", port, "/")).isEqualTo("it works");
            assertThat(Curl.trusting(root).body("127.0.0.1", port, "/")).isEqualTo("it works");
            for (String host : List.of("localhost", "127.0.0.1")) { // no server name is sent for an address
                assertThat(byHttpClient(host, port, root)).isEqualTo("it works\n");
            }
            assertThat(web.terminate()).isZero();
        }
    }

    private static String byHttpClient(String host, int port, Path root) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(Tls.trusting(Certificates.parse(Repository.read(root))))
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + host + ":" + port + "/"))
                .timeout(Await.HANG_LIMIT)
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void web_emptyEntry_isIssuedByTlsAlpn01OnThePortThatServes(PebbleBinary binary) {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), "a.example");
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"));
                ChildProcess web = web(ca, certs, ca.tlsPort())) {
            certs.awaitIssued(web, "a.example");
            assertThat(web.output()).doesNotContain(FAILED_TRY);
            awaitServed(web, ca.tlsPort(), "a.example", ca.issuerRoot());
            assertThat(Curl.trusting(ca.issuerRoot()).body("a.example", ca.tlsPort(), "/", "--http2"))
                    .isEqualTo("it works");
            assertThat(web.terminate()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void web_httpPort_isIssuedByHttp01Only(PebbleBinary binary) {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), "a.example");
        int port = FreePorts.next(); // not where the CA would ask with tls-alpn-01
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"));
                ChildProcess web = web(ca, certs, port, "--http-port", Integer.toString(ca.httpPort()))) {
            certs.awaitIssued(web, "a.example");
            assertThat(web.output()).doesNotContain(FAILED_TRY);
            awaitServed(web, port, "a.example", ca.issuerRoot());
            assertThat(web.terminate()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void web_severalEntries_eachGetsItsOwnAndOneIsForSeveralNames(PebbleBinary binary) throws Exception {
        CertificateDirectory certs =
                CertificateDirectory.asking(scratch.resolve("certs"), "a.example", "b.example", "c.example,d.example");
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"));
                CaProxy proxy = CaProxy.oneAtATime(ca, scratch);
                ChildProcess web = web(proxy, certs, ca.tlsPort())) {
            certs.awaitIssued(web, "a.example", "b.example", "c.example,d.example");
            for (String name : List.of("a.example", "b.example", "c.example", "d.example")) {
                awaitServed(web, ca.tlsPort(), name, ca.issuerRoot());
            }
            assertThat(names(certs.leaf("a.example"))).containsExactly("a.example");
            assertThat(names(certs.leaf("c.example,d.example"))).containsExactlyInAnyOrder("c.example", "d.example");
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void web_fiftyEntriesAtOnce_allIssued(PebbleBinary binary) {
        String[] names =
                IntStream.range(0, 50).mapToObj(i -> "n" + i + ".example").toArray(String[]::new);
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), names);
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"));
                CaProxy proxy = CaProxy.oneAtATime(ca, scratch);
                ChildProcess web = web(proxy, certs, ca.tlsPort())) {
            certs.awaitIssued(web, names);
            awaitServed(web, ca.tlsPort(), "n49.example", ca.issuerRoot());
            assertThat(web.terminate()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void A16_halfOfAllNoncesRefused_allIssued(PebbleBinary binary) {
        String[] names =
                IntStream.range(0, 8).mapToObj(i -> "n" + i + ".example").toArray(String[]::new);
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), names);
        try (PebbleCa ca = PebbleCa.on(binary).nonceRejectPercent(50).start(scratch.resolve("ca"));
                CaProxy proxy = CaProxy.oneAtATime(ca, scratch);
                ChildProcess web = web(proxy, certs, ca.tlsPort())) {
            certs.awaitIssued(web, names);
        }
    }

    @Test
    void web_entryAddedWhileServing_isIssuedAndServed() throws Exception {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), "a.example");
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"));
                ChildProcess web = web(ca, certs, ca.tlsPort())) {
            certs.awaitIssued(web, "a.example");
            Files.createFile(certs.entry("later.example"));
            certs.awaitIssued(web, "later.example");
            awaitServed(web, ca.tlsPort(), "later.example", ca.issuerRoot());
        }
    }

    @Test
    void txsni_readsWhatAnotherProcessRenewsWithinASecond() throws Exception {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), "a.example");
        int reader = FreePorts.next();
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"));
                ChildProcess issuing = web(ca, certs, ca.tlsPort());
                ChildProcess reading = Autotls.start(
                        scratch,
                        "web",
                        "--port",
                        "txsni:" + certs.path() + ":tcp:" + reader + ":interface=127.0.0.1",
                        "--path",
                        site.toString())) {
            certs.awaitIssued(issuing, "a.example");
            awaitServed(reading, reader, "a.example", ca.issuerRoot());
            X509Certificate before = certs.leaf("a.example");

            certs.askAgain("a.example");
            certs.awaitIssued(issuing, "a.example");
            X509Certificate after = certs.leaf("a.example");
            assertThat(after).isNotEqualTo(before);
            // By a client in this process: to start openssl takes a part of the second, and not of the server's.
            TlsProbe client = new TlsProbe(reader);
            Await.until(
                    Duration.ofSeconds(1),
                    () -> leaf(client, "a.example").equals(after),
                    () -> "still the old certificate; it printed:\n" + reading.output());
        }
    }

    private static X509Certificate leaf(TlsProbe client, String name) {
        try {
            return client.handshake(name, "TLSv1.3").leaf();
        } catch (SSLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ChildProcess web(AcmeCa ca, CertificateDirectory certs, int port, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "web",
                "--port",
                Autotls.endpoint(ca, certs.path(), port),
                "--path",
                site.toString(),
                "--acme-root",
                ca.httpsRoot().toString(),
                "--agree-tos"));
        arguments.addAll(Arrays.asList(more));
        return Autotls.start(scratch, arguments.toArray(String[]::new));
    }

    private static void awaitServed(ChildProcess server, int port, String name, Path root) {
        Await.until(
                Await.HANG_LIMIT,
                () -> Files.exists(root)
                        && OpensslClient.connect(port, name, root).verified(),
                () -> name + " is not served; the program printed:\n" + server.output());
    }

    private static List<String> names(X509Certificate leaf) throws Exception {
        return leaf.getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    }
}
