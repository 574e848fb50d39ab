package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.autotls.IssueException;
import org.autotls.StoreException;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line: what it teaches, what it refuses, and with which exit code. */
class MainTest {

    private static final String NOWHERE = "https\\://127.0.0.1\\:1/dir";

    @TempDir
    private Path dir = Path.of("");

    private final Cli cli = new Cli();

    /**
     * Asked to stop while its port is being opened, a server ends, and the thread that opens the port closes it and
     * writes into its directory until then. A process would be gone.
     */
    @AfterEach
    void whatOpensPorts_hasEnded() {
        Await.threadsEnded("autotls-start");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web",
                "proxy",
                "issue",
                "run",
                "renew",
                "revoke",
                "status",
                "names",
                "names add",
                "names remove",
                "account",
                "account show",
                "account rollover",
                "account deactivate",
                "completion"
            })
    void help_ofEachCommand_hasExamplesAndExitCodes(String command) {
        String[] args = (command + " --help").split(" ");

        assertThat(cli.run(args)).isZero();
        assertThat(cli.out()).contains("Example", "  autotls " + command + " ", "Exit codes:", "70   a fault");
        assertThat(cli.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void help_ofAutotls_teachesEndpoints() {
        assertThat(cli.run("--help")).isZero();
        assertThat(cli.out()).contains("local:DIR:tcp:8443", "le:DIR:tcp:443", "names add");
        assertThat(cli.err()).isEmpty();
    }

    @Test
    void version_isShown() {
        assertThat(cli.run("--version")).isZero();
        assertThat(cli.out()).startsWith("autotls ").contains("Java ");
    }

    @Test
    void colours_onlyOnATerminalThatWantsThem() {
        Cli terminal = new Cli(true, true);
        Cli noColor = new Cli(true, false);

        terminal.run("--help");
        noColor.run("--help");
        cli.run("--help");

        assertThat(terminal.out()).contains("\u001b[");
        assertThat(noColor.out()).isEqualTo(cli.out()).doesNotContain("\u001b[");
    }

    @Test
    void noColor_inTheEnvironment_isHeeded() {
        assertThat(Terminal.of("outerr", Map.of("TERM", "xterm")).coloured()).isTrue();
        assertThat(Terminal.of("outerr", Map.of("NO_COLOR", "1")).coloured()).isFalse();
        assertThat(Terminal.of("outerr", Map.of("NO_COLOR", "")).coloured()).isTrue();
        assertThat(Terminal.of("outerr", Map.of("TERM", "dumb")).coloured()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "frobnicate",
                "web",
                "web --port tcp:0 --path .",
                "web --port bogus:DIR --path .",
                "proxy --port local:DIR:tcp:0 --to ftp://x",
                "proxy --port local:DIR:tcp:0 --to http://x/path",
                "proxy --port local:DIR:tcp:0 --to tcp:x:99999",
                "proxy --port local:DIR:tcp:0 --to http://127.0.0.1:1 --proxy-protocol",
                "issue --certs DIR",
                "issue a.example --certs DIR --local --staging",
                "issue a_b.example --certs DIR --local",
                "issue a.example --certs DIR --port le:DIR:tcp:443",
                "issue a.example --certs DIR --port unix:DIR.sock",
                "run --certs DIR --local --key-type dsa",
                "run --certs DIR --local --http-port 65536",
                "names",
                "names add --certs DIR",
                "account",
                "account show --certs . --acme https://ca.example/ --staging",
                "revoke a.example --certs . --reason bored",
                "renew --force --certs .",
                "issue a.example --certs DIR --issuer nobody",
                "issue a.example --certs DIR --local --issuer zerossl",
                "issue a.example --certs DIR --eab-kid 1",
                "completion fish",
                "run --certs DIR --local --key-type ec-p256,",
                "web --port local:DIR:tcp:0 --path . --key-type ,ec-p256",
                "proxy --port local:DIR:tcp:0 --to tcp:127.0.0.1:1 --alpn h2,",
                "proxy --port local:DIR:tcp:0 --to tcp:127.0.0.1:1 --alpn h2,,http/1.1",
                "proxy --port local:DIR:tcp:0 --to tcp:127.0.0.1:1 --alpn acme-tls/1"
            })
    void wrongUse_isExitCode2AndOneMessage(String line) {
        assertThat(cli.run(Stream.of(line.split(" "))
                        .filter(a -> !a.isEmpty())
                        .map(a -> a.replace("DIR", dir.resolve("x").toString()))
                        .toArray(String[]::new)))
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err()).startsWith("autotls: ").doesNotContain("\tat ", "Exception");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void alpn_emptyOrTooLong_isRefusedAtOnce() {
        for (String protocols : new String[] {"", "h2," + "x".repeat(256)}) {
            assertThat(cli.run(
                            "proxy",
                            "--port",
                            "local:" + dir + "/x:tcp:0",
                            "--to",
                            "tcp:127.0.0.1:1",
                            "--alpn",
                            protocols))
                    .isEqualTo(ExitCode.USAGE.code());
        }
        assertThat(cli.err()).contains("--alpn '': expected protocols", "at most 255 bytes");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void path_empty_isNotTheCurrentDirectory() {
        assertThat(cli.run("web", "--port", "local:" + dir + "/x:tcp:0", "--path", ""))
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err()).startsWith("autotls: --path is empty\n");
        for (String command :
                new String[] {"status", "run", "names add a.example", "account show", "revoke a.example"}) {
            Cli other = new Cli();
            String[] args = (command + " --certs ?").split(" ");
            args[args.length - 1] = "";
            assertThat(other.run(args)).as(command).isEqualTo(ExitCode.USAGE.code());
            assertThat(other.err()).startsWith("autotls: --certs is empty\n");
        }
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void argumentThatBeginsWithAt_isNoFileOfArguments() throws IOException {
        Path secret = Files.writeString(dir.resolve("secret"), "root:x:0:0");

        assertThat(cli.run("names", "add", "@" + secret, "--certs", dir.toString()))
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err()).contains("@" + secret).doesNotContain("root:x");
    }

    @Test
    void wrongCommand_showsThoseThatThereAre() {
        assertThat(cli.run("wbe")).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err())
                .startsWith("autotls: 'wbe' is no command; there are: web, proxy, issue, run, renew, revoke, status, ");
        assertThat(cli.run("names", "rm", "a.example")).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err()).contains("'rm' is no command; there are: ", "add", "remove");
        assertThat(cli.run("status", "--certs", dir.toString(), "a.example")).isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err()).contains("'a.example' was not expected");
    }

    @Test
    void badEndpoint_showsStringAndColumn() {
        assertThat(cli.run("web", "--port", "local:certs:tcp:99999", "--path", dir.toString()))
                .isEqualTo(2);
        assertThat(cli.err())
                .isEqualTo("autotls: bad endpoint, column 17: expected a port from 0 to 65535, found '99999'\n"
                        + "  local:certs:tcp:99999\n" + " ".repeat(18) + "^\n");
    }

    @Test
    void badChallenge_isSaidOfTheOption() {
        assertThat(cli.run("issue", "a.example", "--certs", dir.toString(), "--challenge", "http-01:x"))
                .isEqualTo(2);
        assertThat(cli.err())
                .startsWith("autotls: --challenge, column 9: expected a port from 0 to 65535, found 'x'\n");
    }

    @Test
    void challenge_programMissing_isSaidBeforeAnythingIsOrdered() {
        String hook = "dns-01:exec:" + dir.resolve("hook");
        assertThat(cli.run("issue", "a.example", "--certs", dir.toString(), "--challenge", hook))
                .isEqualTo(3);
        assertThat(cli.err())
                .contains("--challenge: the program " + dir.resolve("hook") + " is missing or cannot be run");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void directory_missing_isExitCode3() {
        Path missing = dir.resolve("missing");

        assertThat(cli.run("web", "--port", "le:" + missing + ":tcp:0", "--path", dir.toString()))
                .isEqualTo(3);
        assertThat(cli.run("status", "--certs", missing.toString())).isEqualTo(3);
        assertThat(cli.run("names", "add", "a.example", "--certs", missing.toString()))
                .isEqualTo(3);
        assertThat(cli.run("web", "--port", "local:" + missing + ":tcp:0", "--path", missing + "/site"))
                .isEqualTo(3);
        assertThat(missing).doesNotExist();
    }

    @Test
    void certificateDirectory_insideRoot_isRefused() {
        assertThat(cli.run("web", "--port", "local:" + dir.resolve("certs") + ":tcp:0", "--path", dir.toString()))
                .isEqualTo(3);
        assertThat(cli.err()).contains("private keys would be served");
        assertThat(dir).isEmptyDirectory();
    }

    /** What is served is where ROOT leads, and what is written is where DIR leads; the port is taken, so that none is served. */
    @Test
    void certificateDirectory_insideRootByALinkOrTilde_isRefused() throws IOException {
        Path site = Files.createDirectories(dir.resolve("srv/site"));
        Path certs = Files.createDirectory(site.resolve("certs"));
        Path rootLink = Files.createSymbolicLink(dir.resolve("www"), site);
        Path certsLink = Files.createSymbolicLink(dir.resolve("certs"), certs);
        Path outLink = Files.createSymbolicLink(site.resolve("out"), Files.createDirectory(dir.resolve("out")));
        Path siteAtHome = Path.of(System.getProperty("user.home"), "no-such-site");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String tcp = ":tcp:" + taken.getLocalPort() + ":interface=127.0.0.1";
            String[][] pairs = {
                {certs.toString(), rootLink.toString()},
                {certs.resolve("new").toString(), rootLink.toString()},
                {certsLink.toString(), site.toString()},
                {certsLink.resolve("new").toString(), site.toString()},
                {dir.resolve("absent") + "/../certs", site.toString()},
                {outLink.toString(), site.toString()},
                {"~/no-such-site/certs", siteAtHome.toString()},
            };
            for (String[] pair : pairs) {
                Cli own = new Cli();
                assertThat(own.run("web", "--port", "local:" + pair[0] + tcp, "--path", pair[1]))
                        .as(own.err())
                        .isEqualTo(ExitCode.DIRECTORY.code());
                assertThat(own.err()).contains("private keys would be served");
            }
        }
        assertThat(certs).isEmptyDirectory();
    }

    @Test
    void port_taken_isExitCode4AndNothingIsWritten() throws IOException {
        Path certs = dir.resolve("certs");
        Path site = Files.createDirectory(dir.resolve("site"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String endpoint = "local:" + certs + ":tcp:" + taken.getLocalPort() + ":interface=127.0.0.1";

            assertThat(cli.run("web", "--port", endpoint, "--path", site.toString()))
                    .isEqualTo(ExitCode.BIND.code());
        }
        assertThat(cli.err()).contains("is taken by another program");
        assertThat(certs).doesNotExist();
    }

    @Test
    void httpPort_taken_isExitCode4AndNothingIsWritten() throws IOException {
        Path certs = dir.resolve("certs");
        Path site = Files.createDirectory(dir.resolve("site"));
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            String endpoint = "local:" + certs + ":tcp:0:interface=127.0.0.1";

            assertThat(cli.run("web", "--port", endpoint, "--path", site.toString(), "--http-port", port))
                    .isEqualTo(ExitCode.BIND.code());
            assertThat(cli.err()).contains("http-01 on port " + port, "taken by another program");
        }
        assertThat(certs).doesNotExist();
    }

    @Test
    void httpPort_thatIsTheEndpointsOwn_isSaidBeforeEitherIsOpened() {
        String expected = "autotls: --http-port 18443: expected another port than that of --port";
        assertThat(cli.run(
                        "web",
                        "--port",
                        "local:" + dir.resolve("x") + ":tcp:18443",
                        "--path",
                        dir.toString(),
                        "--http-port",
                        "18443"))
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.err()).startsWith(expected);
        for (String command : new String[] {"run", "renew", "issue a.example"}) {
            Cli other = new Cli();
            String line = command + " --port tcp:18443 --http-port 18443 --certs " + dir.resolve("x");
            assertThat(other.run(line.split(" "))).as(command).isEqualTo(ExitCode.USAGE.code());
            assertThat(other.err()).startsWith(expected);
        }
        for (String command : new String[] {"run", "renew", "issue a.example"}) {
            Cli other = new Cli();
            String line = command + " --port tcp:18443 --challenge http-01:18443 --certs " + dir.resolve("x");
            assertThat(other.run(line.split(" "))).as(command).isEqualTo(ExitCode.USAGE.code());
            assertThat(other.err()).startsWith(expected.replace("--http-port ", "--challenge http-01:"));
        }
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void directory_thatCannotBeMade_isSaidInPlainWords() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));

        assertThat(cli.run(
                        "issue",
                        "localhost",
                        "--local",
                        "--certs",
                        file.resolve("certs").toString()))
                .isEqualTo(ExitCode.DIRECTORY.code());
        assertThat(cli.err()).contains("certs").doesNotContain("java.", "Exception");
    }

    @Test
    void ca_unreachable_isExitCode5() {
        assertThat(cli.run(
                        "issue",
                        "a.example",
                        "--certs",
                        dir.toString(),
                        "--acme",
                        "https://127.0.0.1:1/dir",
                        "--http-port",
                        "0",
                        "--agree-tos"))
                .isEqualTo(ExitCode.CA.code());
        assertThat(cli.err()).doesNotContain("\tat ");
    }

    @Test
    void server_askedToStop_endsWithCode0AndLeavesNoPrivateDirectory() throws Exception {
        Path site = Files.createDirectory(dir.resolve("site"));
        Path temporary = Files.createDirectory(dir.resolve("tmp"));
        Cli server = new Cli(temporary);
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> server.run(
                "web",
                "--port",
                "local:" + dir.resolve("certs") + ":tcp:0:interface=127.0.0.1",
                "--path",
                site.toString()));
        Path root = dir.resolve("certs").resolve("local-ca.crt");
        Await.until(() -> Files.exists(root) || code.isDone());
        assertThat(temporary).isNotEmptyDirectory();

        server.stop().ask();

        assertThat(code.get(60, TimeUnit.SECONDS)).isZero(); // within five seconds: ChildProcess.terminate sees to that
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void server_whoseCaHangs_stopsBeforeItIsReady() throws Exception {
        Path site = Files.createDirectory(dir.resolve("site"));
        Path certs = Files.createDirectory(dir.resolve("certs"));
        Files.createFile(certs.resolve("a.example.pem"));
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            String url = NOWHERE.replace("\\:1/", "\\:" + silent.getLocalPort() + "/");
            CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> cli.run(
                    "web",
                    "--port",
                    "acme:" + url + ":" + certs + ":tcp:0:interface=127.0.0.1",
                    "--path",
                    site.toString(),
                    "--agree-tos"));
            silent.accept().close();
            cli.stop().ask();

            assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void exitCodes_areTheTableInTheOperatorsGuide() throws IOException {
        assertThat(Files.readString(Path.of("..", "docs", "operations.md"))).contains(ExitCode.markdown());
    }

    @Test
    void exitCode_followsWhatTheCallerCanDo() {
        assertThat(List.of(
                        Main.codeOf(new IssueException(IssueException.Kind.UNPROVED, "")),
                        Main.codeOf(new IssueException(IssueException.Kind.REFUSED, "")),
                        Main.codeOf(new IssueException(IssueException.Kind.CONFIGURATION, "")),
                        Main.codeOf(StoreException.fatal("")),
                        Main.codeOf(new IllegalStateException())))
                .containsExactly(
                        ExitCode.NOT_ISSUED, ExitCode.NOT_ISSUED, ExitCode.CA, ExitCode.DIRECTORY, ExitCode.BUG);
    }

    @Test
    void completion_knowsTheCommands() {
        assertThat(cli.run("completion", "bash")).isZero();
        assertThat(cli.run("completion", "zsh")).isZero();
        assertThat(cli.out())
                .contains("complete -F _complete_autotls", "bashcompinit", "--proxy-protocol")
                .contains("\"ec-p256\"", "\"keyCompromise\"");
    }
}
