package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator can get wrong: an exit code, one clear message, no stack trace, and nothing left behind. */
@Tag("rig")
class ExitCodeTest {

    private static final int USAGE = 2;
    private static final int DIRECTORY = 3;
    private static final int BIND = 4;
    private static final int CA = 5;

    @TempDir
    Path scratch;

    @BeforeEach
    void makeSite() throws IOException {
        Files.createDirectories(scratch.resolve("site"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "local",
                "nonsense:certs:tcp:8443",
                "local:certs:tcp:99999",
                "local:certs:tcp:eight",
                "local:certs:tcp:8443:colour=red",
                "acme:http\\://ca.example/dir:certs:tcp:8443",
                "acme:https://ca.example/dir:certs:tcp:8443",
                "local:certs:tcp:8443\\"
            })
    void N12_badEndpointString_isRefusedWithItsTextAndNothingIsWritten(String endpoint) throws IOException {
        try (ChildProcess web = web(endpoint)) {
            assertThat(web.exit(Await.HANG_LIMIT)).as(web.output()).isEqualTo(USAGE);
            assertThat(web.output()).contains(endpoint).doesNotContain("\tat ");
        }
        assertThat(left()).containsExactly("site");
    }

    @Test
    void web_directoryMissing_saysWhich() throws IOException {
        try (ChildProcess web = web("lets:nowhere:tcp:" + FreePorts.next(), "--agree-tos")) {
            assertThat(web.exit(Await.HANG_LIMIT)).as(web.output()).isEqualTo(DIRECTORY);
            assertThat(web.output()).contains("nowhere").doesNotContain("\tat ");
        }
        assertThat(left()).containsExactly("site");
    }

    @Test
    void web_portTaken_saysWhichAndMakesNoDirectory() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ChildProcess web = web("local:certs:tcp:" + taken.getLocalPort() + ":interface=127.0.0.1")) {
            assertThat(web.exit(Await.HANG_LIMIT)).as(web.output()).isEqualTo(BIND);
            assertThat(web.output())
                    .contains(Integer.toString(taken.getLocalPort()))
                    .doesNotContain("\tat ");
        }
        assertThat(left()).containsExactly("site");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp:%d", "tcp:0 --http-port %d"})
    void web_portThatNeedsARight_saysWhatHelps(String where) throws IOException {
        int port = 1023;
        String[] words = where.formatted(port).split(" ");
        try (ChildProcess web = Autotls.startUnprivileged(
                scratch,
                Stream.concat(
                                Stream.of("web", "--path", "site", "--port", "local:certs:" + words[0]),
                                Stream.of(words).skip(1))
                        .toArray(String[]::new))) {
            assertThat(web.exit(Await.HANG_LIMIT)).as(web.output()).isEqualTo(BIND);
            assertThat(complaints(web))
                    .singleElement()
                    .asString()
                    .contains("" + port, "CAP_NET_BIND_SERVICE", "setcap");
        }
        assertThat(left()).containsExactly("site");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web --port lets:certs:tcp:0 --path site --agree-tos",
                "web --port local:certs:tcp:0 --path site",
                "run --certs certs --local",
                "issue a.example --certs certs --local",
                "names add a.example --certs certs"
            })
    void directoryThatCannotBeWritten_isNamed(String command) throws IOException {
        Path certs = Files.createDirectory(scratch.resolve("certs"));
        Files.setPosixFilePermissions(certs, PosixFilePermissions.fromString("r-xr-xr-x"));
        try (ChildProcess refused = Autotls.startUnprivileged(scratch, command.split(" "))) {
            assertThat(refused.exit(Await.HANG_LIMIT)).as(refused.output()).isEqualTo(DIRECTORY);
            assertThat(complaints(refused)).singleElement().asString().contains("certs");
        }
        assertThat(certs).isEmptyDirectory();
    }

    @Test
    void web_httpPortTaken_saysWhichAndMakesNoDirectory() throws IOException {
        try (ServerSocket taken = new ServerSocket(0);
                ChildProcess web =
                        web("local:certs:tcp:0:interface=127.0.0.1", "--http-port", "" + taken.getLocalPort())) {
            assertThat(web.exit(Await.HANG_LIMIT)).as(web.output()).isEqualTo(BIND);
            assertThat(complaints(web)).singleElement().asString().contains("port " + taken.getLocalPort());
        }
        assertThat(left()).containsExactly("site");
    }

    @Test
    void issue_caUnreachable_saysWhich() {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"));
        int nobody = FreePorts.next();
        try (ChildProcess issue = Autotls.start(
                scratch,
                "issue",
                "a.example",
                "--certs",
                certs.path().toString(),
                "--acme",
                "https://localhost:" + nobody + "/dir",
                "--agree-tos",
                "--http-port",
                Integer.toString(FreePorts.next()))) {
            assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isEqualTo(CA);
            assertThat(complaints(issue))
                    .singleElement()
                    .asString()
                    .contains(
                            "a.example", "the CA cannot be reached at https://localhost:" + nobody + "/dir", "refused");
        }
        assertThat(certs.entry("a.example")).doesNotExist();
        assertThat(certs.path().resolve("client.key")).doesNotExist();
    }

    @Test
    void issue_caNotTrusted_namesTheOption() {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"));
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"));
                ChildProcess issue = Autotls.start(
                        scratch,
                        "issue",
                        "a.example",
                        "--certs",
                        certs.path().toString(),
                        "--acme",
                        ca.acme().toString(),
                        "--agree-tos",
                        "--http-port",
                        Integer.toString(ca.httpPort()))) {
            assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isEqualTo(CA);
            assertThat(complaints(issue))
                    .singleElement()
                    .asString()
                    .contains(ca.acme().toString(), "--acme-root FILE");
        }
    }

    /** A server does not end because a CA is down: it says so, goes on, and ends when it is asked to. */
    @ParameterizedTest
    @ValueSource(strings = {"web", "run"})
    void server_caUnreachable_saysSoAndGoesOn(String command) {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"), "a.example");
        String url = "https://localhost:" + FreePorts.next() + "/dir";
        String http = Integer.toString(FreePorts.next());
        try (ChildProcess server = command.equals("web")
                ? web("acme:" + url.replace(":", "\\:") + ":certs:tcp:" + FreePorts.next(), "--agree-tos")
                : Autotls.start(
                        scratch, "run", "--certs", "certs", "--acme", url, "--agree-tos", "--http-port", http)) {
            server.line("a\\.example.*cannot be reached at " + url + ".*refused.*next try", Await.HANG_LIMIT);
            server.line("PANIC.*a\\.example", Await.HANG_LIMIT);
            server.line(command.equals("web") ? "Serving site" : "Keeping certificates", Await.HANG_LIMIT);
            assertThat(server.terminate()).as(server.output()).isZero();
            assertThat(server.output()).doesNotContain("\tat ");
        }
        assertThat(certs.entry("a.example")).isEmptyFile();
    }

    /** The lines that are no mere information. */
    private static List<String> complaints(ChildProcess process) {
        return process.lines().stream()
                .filter(line -> !line.contains(" INFO ") && !line.startsWith("Picked up "))
                .toList();
    }

    @Test
    void issue_termsNotAgreed_showsThemAndRegistersNobody() {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"));
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"));
                ChildProcess issue = Autotls.start(
                        scratch,
                        "issue",
                        "a.example",
                        "--certs",
                        certs.path().toString(),
                        "--acme",
                        ca.acme().toString(),
                        "--acme-root",
                        ca.httpsRoot().toString(),
                        "--http-port",
                        Integer.toString(ca.httpPort()))) {
            assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isEqualTo(CA);
            assertThat(complaints(issue)).singleElement().asString().contains("--agree-tos", "a.example");
            assertThat(ca.accounts()).isZero();
        }
        assertThat(certs.path().resolve("client.key")).doesNotExist();
        assertThat(certs.entry("a.example")).doesNotExist();
    }

    @Test
    void issue_http01_isDoneInOneShot() {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"));
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"));
                ChildProcess issue = Autotls.start(
                        scratch,
                        "issue",
                        "a.example",
                        "--certs",
                        certs.path().toString(),
                        "--acme",
                        ca.acme().toString(),
                        "--acme-root",
                        ca.httpsRoot().toString(),
                        "--http-port",
                        Integer.toString(ca.httpPort()),
                        "--agree-tos")) {
            assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isZero();
            assertThat(certs.issued("a.example")).isTrue();
        }
    }

    /** As under cron: JDK 17 would know neither the directory nor the name. */
    @Test
    void namesOutsideAscii_areKnownWithoutALocale() {
        Map<String, String> environment = new HashMap<>(Autotls.environment());
        environment.put("LC_ALL", "C");
        String script = "d=$(printf 'sch\\303\\266n'); n=$(printf 'b\\303\\274cher.example'); mkdir \"$d\""
                + " && exec \"$1\" names add \"$n\" --certs \"$d\"";
        try (ChildProcess add =
                ChildProcess.start(scratch, environment, List.of("sh", "-c", script, "sh", Autotls.command()))) {
            assertThat(add.exit(Await.HANG_LIMIT)).as(add.output()).isZero();
            assertThat(add.output()).contains("added xn--bcher-kva.example");
        }
    }

    private ChildProcess web(String endpoint, String... more) {
        List<String> arguments = Stream.concat(Stream.of("web", "--port", endpoint, "--path", "site"), Stream.of(more))
                .toList();
        return Autotls.start(scratch, arguments.toArray(String[]::new));
    }

    private List<String> left() throws IOException {
        try (Stream<Path> entries = Files.list(scratch)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
