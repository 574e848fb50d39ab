package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.autotls.testkit.Await;
import org.autotls.testkit.BindServer;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code autotls doctor} against a real CA and a real BIND. */
@Tag("rig")
class DoctorTest {

    private static final int WOULD_FAIL = 6;
    private static final String MAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private static final String IDENTITY = "{\"caaIdentities\":[\"ca.example\"]}";

    /** Of the zone {@code example.test}, where every other name leads to 127.0.0.1. */
    private static final String RECORDS = """
            v6 IN A 127.0.0.1
            v6 IN AAAA ::1
            none IN TXT "no address"
            ok IN CAA 0 issue "ca.example"
            ok IN A 127.0.0.1
            others IN CAA 0 issue "other.example"
            others IN A 127.0.0.1
            bound IN CAA 0 issue "ca.example; accounturi=https://ca.example/acct/1"
            bound IN A 127.0.0.1
            method IN CAA 0 issue "ca.example; validationmethods=dns-01"
            method IN A 127.0.0.1
            @ IN CAA 0 issuewild ";"
            """;

    @TempDir
    private Path scratch = Path.of("");

    private CertificateDirectory certs = CertificateDirectory.at(scratch);
    private BindServer bind;

    @BeforeEach
    void start() {
        certs = CertificateDirectory.asking(scratch.resolve("certs"));
        bind = BindServer.primary(scratch.resolve("bind"), FreePorts.next(), RECORDS, "example.test");
    }

    @AfterEach
    void stop() {
        bind.close();
    }

    static List<PebbleBinary> binaries() {
        return PebbleBinary.all();
    }

    /** What it printed, when it ended with {@code code}. */
    private String doctor(int code, URI acme, Path root, String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("doctor", "--certs", certs.path().toString()));
        all.addAll(List.of("--acme", acme.toString(), "--acme-root", root.toString(), "--agree-tos"));
        all.addAll(List.of("--dns", "127.0.0.1:" + bind.address().getPort()));
        all.addAll(List.of(arguments));
        try (ChildProcess doctor = Autotls.start(scratch, all.toArray(String[]::new))) {
            int exit = doctor.exit(Await.HANG_LIMIT);
            assertThat(exit).as(doctor.output()).isEqualTo(code);
            return doctor.output();
        }
    }

    private String[] byHttp(int port, String... names) {
        List<String> all = new ArrayList<>(List.of(names));
        all.addAll(List.of("--http-port", Integer.toString(port), "--ca-http-port", Integer.toString(port)));
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void allWell_saysSoAndLeavesNothingHereOrAtTheCa(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            String tls = doctor(
                    0,
                    ca.acme(),
                    ca.httpsRoot(),
                    "www.example.test,b\u00fccher.example.test",
                    "127.0.0.1",
                    "--port",
                    "tcp:" + ca.tlsPort(),
                    "--ca-tls-port",
                    Integer.toString(ca.tlsPort()));
            assertThat(tls)
                    .contains("tls-alpn-01, port " + ca.tlsPort() + ": 127.0.0.1 answers the challenge")
                    .contains("xn--bcher-kva.example.test", "nothing found that would make issuing fail")
                    .doesNotContain("problem");
            assertThat(tls.lines().filter(line -> line.startsWith("  warning")))
                    .as("a CA with profiles, but none for the address")
                    .allMatch(line -> binary.newer() && line.startsWith("  warning  profile "));
            String http = doctor(0, ca.acme(), ca.httpsRoot(), byHttp(ca.httpPort(), "v6.example.test"));
            assertThat(http).contains("127.0.0.1 answers the challenge; 0:0:0:0:0:0:0:1 answers the challenge");
            assertThat(ca.accounts()).isZero();
            assertThat(ca.orders()).isZero();
        }
        assertThat(certs.files()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void eabRequired_isAProblemUntilGiven(PebbleBinary binary) throws IOException {
        Path keyFile = java.nio.file.Files.writeString(scratch.resolve("mac.key"), MAC_KEY + "\n");
        try (PebbleCa ca = PebbleCa.on(binary).externalAccount("kid-1", MAC_KEY).start(scratch.resolve("ca"))) {
            String without = doctor(WOULD_FAIL, ca.acme(), ca.httpsRoot(), byHttp(ca.httpPort(), "www.example.test"));
            assertThat(without).containsPattern("problem +eab").contains("--eab-kid KID");
            List<String> given = new ArrayList<>(List.of(byHttp(ca.httpPort(), "www.example.test")));
            given.addAll(List.of("--eab-kid", "kid-1", "--eab-key-file", keyFile.toString()));
            String with = doctor(0, ca.acme(), ca.httpsRoot(), given.toArray(String[]::new));
            assertThat(with).containsPattern("ok +eab").doesNotContain(MAC_KEY);
        }
    }

    @Test
    void accountAndWhatIsStored_areShown() {
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"))) {
            String port = Integer.toString(ca.httpPort());
            try (ChildProcess issue = Autotls.start(
                    scratch,
                    "issue",
                    "www.example.test",
                    "--certs",
                    certs.path().toString(),
                    "--acme",
                    ca.acme().toString(),
                    "--acme-root",
                    ca.httpsRoot().toString(),
                    "--agree-tos",
                    "--http-port",
                    port)) {
                assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isZero();
            }
            List<String> before = certs.files();
            String said = doctor(0, ca.acme(), ca.httpsRoot(), byHttp(ca.httpPort()));
            assertThat(said)
                    .containsPattern("ok +account +https://localhost:\\d+/my-account/\\S+ is valid")
                    .containsPattern("ok +stored +a certificate for \\d+ days more");
            assertThat(certs.files()).isEqualTo(before);
        }
    }

    @Test
    void caa_fourAnswers() {
        try (SketchCa ca = new SketchCa(scratch, IDENTITY, Duration.ZERO)) {
            int port = FreePorts.next();
            String said = doctor(
                    WOULD_FAIL,
                    ca.acme(),
                    ca.httpsRoot(),
                    byHttp(
                            port,
                            "ok.example.test",
                            "others.example.test",
                            "bound.example.test",
                            "method.example.test",
                            "*.example.test"));
            assertThat(said)
                    .contains("CAA at ok.example.test lets ca.example issue")
                    .contains("CAA at others.example.test lets only others issue")
                    .contains("add at others.example.test: CAA 0 issue \"ca.example\"")
                    .contains("accounturi is https://ca.example/acct/1, and ours is not registered yet")
                    .contains("validationmethods is dns-01, and ours is http-01")
                    .contains("CAA at example.test lets nobody issue")
                    .contains("a wildcard can be proved by dns-01 only");
            assertThat(ca.requests()).containsExactly("GET /dir HTTP/1.1", "HEAD /nonce HTTP/1.1");
        }
    }

    @Test
    void wildcardByDns01_isFollowedToItsServers() {
        try (SketchCa ca = new SketchCa(scratch, "{}", Duration.ZERO)) {
            String said = doctor(
                    WOULD_FAIL, // issuewild ";"
                    ca.acme(),
                    ca.httpsRoot(),
                    "*.example.test",
                    "--challenge",
                    "dns-01:rfc2136:server=127.0.0.1\\:" + bind.address().getPort() + ":key=" + BindServer.KEY
                            + ":secret-file=" + bind.keyFile());
            assertThat(said)
                    .contains("a wildcard, to be proved by dns-01")
                    .contains("values go to _acme-challenge.example.test, whose servers are 127.0.0.1");
        }
    }

    @Test
    void clockThatIsWrong_isToldByHowMuch() {
        try (SketchCa ca = new SketchCa(scratch, IDENTITY, Duration.ofHours(5))) {
            String said = doctor(WOULD_FAIL, ca.acme(), ca.httpsRoot(), byHttp(FreePorts.next(), "ok.example.test"));
            assertThat(said).containsPattern("problem +clock +this machine's clock is 4 hours behind|5 hours behind");
            assertThat(said).contains("set the clock");
        }
        try (SketchCa ca = new SketchCa(scratch, IDENTITY, Duration.ofMinutes(-10))) {
            String said = doctor(0, ca.acme(), ca.httpsRoot(), byHttp(FreePorts.next(), "ok.example.test"));
            assertThat(said).containsPattern("warning +clock +this machine's clock is \\d+ minutes ahead");
        }
    }

    @Test
    void wrongDirectoryOrNoAddressOrClosedPort_areProblems() {
        int closed = FreePorts.next();
        try (SketchCa ca = new SketchCa(scratch, IDENTITY, Duration.ZERO)) {
            URI nothing = URI.create("https://localhost:" + closed + "/dir");
            String said = doctor(
                    WOULD_FAIL,
                    nothing,
                    ca.httpsRoot(),
                    "none.example.test",
                    "www.example.test",
                    "--http-port",
                    Integer.toString(FreePorts.next()),
                    "--ca-http-port",
                    Integer.toString(closed));
            assertThat(said)
                    .containsPattern("problem +directory +the CA cannot be reached")
                    .contains("neither an A nor an AAAA record")
                    .contains("127.0.0.1 refuses the connection")
                    .contains("is not forwarded to this one");
        }
    }

    @Test
    void K9_redirectsOnTheHttpPort_areToldAndNotFollowed() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        try (SketchCa ca = new SketchCa(scratch, IDENTITY, Duration.ZERO);
                ServerSocket trap = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            List<String> paths = new ArrayList<>();
            server.createContext("/", exchange -> {
                paths.add(exchange.getRequestURI().getPath());
                exchange.getResponseHeaders().set("Location", "http://127.0.0.1:" + trap.getLocalPort() + "/stolen");
                exchange.sendResponseHeaders(301, -1);
                exchange.close();
            });
            server.start();
            String said = doctor(
                    0, ca.acme(), ca.httpsRoot(), byHttp(server.getAddress().getPort(), "ok.example.test"));
            assertThat(said)
                    .contains(
                            "redirects to http://127.0.0.1:" + trap.getLocalPort() + "/stolen, which was not followed")
                    .containsPattern("warning +port +http-01: .*taken by another program");
            assertThat(paths).hasSize(1).allMatch(path -> path.startsWith("/.well-known/acme-challenge/"));
            trap.setSoTimeout(1);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(trap::accept))
                    .as("nobody came")
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void json_isForPrograms() {
        try (SketchCa ca = new SketchCa(scratch, IDENTITY, Duration.ZERO)) {
            List<String> arguments = new ArrayList<>(List.of(byHttp(FreePorts.next(), "others.example.test")));
            arguments.add("--json");
            String said = doctor(WOULD_FAIL, ca.acme(), ca.httpsRoot(), arguments.toArray(String[]::new));
            assertThat(said)
                    .contains(
                            "\"severity\" : \"problem\"", "\"check\" : \"caa\"", "\"about\" : \"others.example.test\"");
        }
    }
}
