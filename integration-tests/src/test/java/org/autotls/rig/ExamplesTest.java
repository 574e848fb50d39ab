package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every program of {@code examples/}, run as its readers run it: it gets its certificate from a real CA by tls-alpn-01 on the
 * port that serves, answers over it, and stops.
 */
@Tag("rig")
class ExamplesTest {

    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
    private static final int LONGEST_PROGRAM = 40;

    @TempDir
    Path scratch;

    static List<String> servers() {
        return ChildProcess.run(Await.HANG_LIMIT, List.of(program(), "--list"))
                .lines()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void server_getsItsCertificateOnThePortThatServes(String server) {
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"));
                ChildProcess example = start(
                        server,
                        "--port",
                        Integer.toString(ca.tlsPort()),
                        "--certs",
                        scratch.resolve("certs").toString(),
                        "--acme",
                        ca.acme().toString(),
                        "--acme-root",
                        ca.httpsRoot().toString(),
                        "--name",
                        "a.example")) {
            if (needsNewerJava(server)) {
                assertThat(example.exit(Await.HANG_LIMIT)).as(example.output()).isEqualTo(70);
                assertThat(example.output()).contains("expected " + minimumJava(server) + " or newer");
                return;
            }
            Path entry = scratch.resolve("certs/a.example.pem");
            Await.until(
                    BUILD_LIMIT,
                    () -> (Files.exists(entry) && !Repository.read(entry).isEmpty()) || !example.isAlive(),
                    () -> server + " has no certificate; it printed:\n" + example.output());
            Await.until(
                    Await.HANG_LIMIT,
                    () -> OpensslClient.connect(ca.tlsPort(), "a.example", ca.issuerRoot())
                            .verified(),
                    () -> server + " does not serve its certificate; it printed:\n" + example.output());
            assertThat(greeting(server, Curl.trusting(ca.issuerRoot()), ca.tlsPort()))
                    .contains("Hello from ")
                    .contains(" over ");
            assertThat(example.terminate()).isIn(0, 143);
        }
        assertThat(classPath(server))
                .as("what examples/" + server + "/class-path.txt says that the program uses")
                .containsExactlyElementsOf(expectedClassPath(server));
    }

    private String greeting(String server, Curl curl, int port) {
        if (!server.equals("grpc")) {
            return curl.body("a.example", port, "/", "--http2");
        }
        // gRPC answers calls only: a POST of messages, each behind a byte of flags and a length of four.
        // This is an empty one.
        Path message = scratch.resolve("message");
        try {
            Files.write(message, new byte[5]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> call =
                List.of("--http2", "--header", "Content-Type: application/grpc", "--header", "TE: trailers");
        List<String> options = new ArrayList<>(call);
        options.addAll(List.of("--data-binary", "@" + message, "--include"));
        String answer = curl.body("a.example", port, "/autotls.Greeter/Greet", options.toArray(String[]::new));
        assertThat(answer)
                .startsWith("HTTP/2 200")
                .contains("content-type: application/grpc")
                .contains("grpc-status: 0");
        return answer;
    }

    @ParameterizedTest
    @MethodSource("servers")
    void program_isShort(String server) {
        assertThat(Repository.files().stream()
                        .filter(file -> file.startsWith(Repository.root().resolve("examples/" + server)))
                        .filter(file -> file.toString().endsWith(".java"))
                        .mapToLong(file -> Repository.read(file).lines().count())
                        .sum())
                .isBetween(1L, (long) LONGEST_PROGRAM);
    }

    @ParameterizedTest
    @MethodSource("servers")
    void readme_namesTheProgramAndItsLines(String server) {
        Path program = Repository.files().stream()
                .filter(file -> file.startsWith(Repository.root().resolve("examples/" + server)))
                .filter(file -> file.toString().endsWith(".java"))
                .findFirst()
                .orElseThrow();
        assertThat(Repository.read(Repository.root().resolve("README.md")))
                .contains("[" + server + "](" + Repository.root().relativize(program) + "), "
                        + Repository.read(program).lines().count() + " |");
    }

    @Test
    void unknownServer_isRefusedNamingThoseThereAre() {
        try (ChildProcess example = start("nothing", "--port", "1")) {
            assertThat(example.exit(Await.HANG_LIMIT)).isEqualTo(2);
            assertThat(example.output())
                    .contains("no example 'nothing'; there are: ")
                    .contains("jetty");
        }
    }

    /** It was not, once in fifty times: the list was still being written when the name had been read from it. */
    @Test
    void server_isFoundEachTime() {
        for (int i = 0; i < 100; i++) {
            assertUsage("--port N is missing", servers().get(0));
        }
    }

    @Test
    void wrongOptions_areNamed() {
        assertUsage("--port needs a value", "jetty", "--port");
        assertUsage("--port 'x': expected a number from 0 to 65535", "jetty", "--port", "x");
        assertUsage("--port '65536': expected a number from 0 to 65535", "jetty", "--port", "65536");
        assertUsage("--certs DIR is missing", "jetty", "--port", "1");
        assertUsage("--acme needs a value", "jetty", "--port", "1", "--certs", "x", "--acme", "");
        assertUsage("unknown option '--nothing'", "jetty", "--port", "1", "--nothing", "x");
        assertUsage("unknown option 'more'", "jetty", "--port", "1", "more");
        assertUsage(
                "--acme 'ca.example': expected the URL of an ACME directory",
                "jetty",
                "--port",
                "1",
                "--certs",
                "x",
                "--acme",
                "ca.example");
        assertUsage("--acme-root without --acme", "jetty", "--port", "1", "--certs", "x", "--acme-root", "x");
        assertThat(scratch.resolve("x")).doesNotExist();
    }

    @Test
    void help_isNoError() {
        assertThat(ChildProcess.run(Await.HANG_LIMIT, List.of(program(), "--help")))
                .contains("examples/run SERVER --port N");
    }

    private void assertUsage(String expected, String... arguments) {
        try (ChildProcess example = start(arguments)) {
            assertThat(example.exit(Await.HANG_LIMIT)).as(example.output()).isEqualTo(2);
            assertThat(example.output())
                    .startsWith("examples/run: " + expected + "\n")
                    .contains("examples/run --list");
        }
    }

    /** The artifacts that the program was just run with. */
    private static Set<String> classPath(String server) {
        try (Stream<Path> jars = Files.list(Repository.root().resolve(".build/examples/" + server))) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .map(name -> name.replaceAll("-[0-9].*", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A library that comes with a dependency is written down there only if the program cannot do without it. */
    private static Set<String> expectedClassPath(String server) {
        Path list = Repository.root().resolve("examples/" + server + "/class-path.txt");
        return Files.exists(list)
                ? Repository.read(list).lines().collect(Collectors.toCollection(TreeSet::new))
                : Set.of();
    }

    private ChildProcess start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program()));
        command.addAll(List.of(arguments));
        return ChildProcess.start(scratch, Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    private static String program() {
        return Repository.root().resolve("examples/run").toString();
    }

    private static boolean needsNewerJava(String server) {
        return Runtime.version().feature() < minimumJava(server);
    }

    private static int minimumJava(String server) {
        String pom = Repository.read(Repository.root().resolve("examples/" + server + "/pom.xml"));
        var release = java.util.regex.Pattern.compile("<maven.compiler.release>(\\d+)<")
                .matcher(pom);
        return release.find() ? Integer.parseInt(release.group(1)) : 17;
    }
}
