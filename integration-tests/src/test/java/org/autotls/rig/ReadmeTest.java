package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.rig.Markdown.Block;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing in the README that does not work: its commands are run in the order in which a reader would type them.
 *
 * <p>{@code sh run} must succeed; in a section with a server it is tried until the server is ready. {@code sh serve} is
 * started in the background and stopped at the next one, or at the end of the section. The lines of {@code java} must
 * stand in {@code examples/}, which is compiled and tested.
 *
 * <p>What cannot be had here is exchanged for its like: Let's Encrypt for Pebble, ports for free ones, {@code /srv} for a
 * directory of the test.
 */
@Tag("rig")
class ReadmeTest {

    private static final int SIGTERM = 143;
    private static final Pattern LISTENING = Pattern.compile("(?:tcp:|--http-port |--port )(\\d+)");

    @TempDir
    Path scratch;

    @Test
    void commands_allWork() throws IOException {
        for (String ours : List.of("autotls", "examples")) {
            Files.createSymbolicLink(scratch.resolve(ours), Repository.root().resolve(ours));
        }
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"))) {
            run(blocks(), exchanges(ca));
        }
    }

    @Test
    void blocks_areAllOfAKindThatATestKnows() {
        assertThat(blocks()).extracting(Block::kind).isSubsetOf("sh run", "sh serve", "java");
        assertThat(blocks()).extracting(Block::kind).contains("sh run", "sh serve", "java");
    }

    @Test
    void java_everyLineStandsInOneExample() {
        List<Set<String>> examples = Repository.files().stream()
                .filter(file -> file.startsWith(Repository.root().resolve("examples"))
                        && file.toString().endsWith(".java"))
                .map(file -> stripped(Repository.read(file).lines()))
                .toList();
        for (Block block : blocks()) {
            if (block.kind().equals("java")) {
                assertThat(examples)
                        .as("%s", block.lines())
                        .anyMatch(example -> example.containsAll(stripped(block.lines().stream())));
            }
        }
    }

    private void run(List<Block> blocks, Map<String, String> exchanges) {
        Optional<ChildProcess> server = Optional.empty();
        String section = "";
        try {
            for (Block block : blocks) {
                if (!section.equals(block.section()) || block.kind().equals("sh serve")) {
                    server.ifPresent(ReadmeTest::stop);
                    server = Optional.empty();
                }
                section = block.section();
                String command = exchanged(block, exchanges);
                if (block.kind().equals("sh serve")) {
                    server = Optional.of(serve(command));
                } else if (block.kind().equals("sh run")) {
                    succeed(command, server);
                }
            }
            server.ifPresent(ReadmeTest::stop);
        } finally {
            server.ifPresent(ChildProcess::close);
        }
    }

    private ChildProcess serve(String command) {
        ChildProcess server = shell("exec " + command);
        Matcher port = LISTENING.matcher(command);
        assertThat(port.find()).as(command).isTrue();
        int number = Integer.parseInt(port.group(1));
        Await.until(
                Await.HANG_LIMIT,
                () -> accepts(number) || !server.isAlive(),
                () -> command + "\nlistens not; it printed:\n" + server.output());
        assertThat(server.isAlive()).as("%s%n%s", command, server.output()).isTrue();
        return server;
    }

    private void succeed(String command, Optional<ChildProcess> server) {
        StringBuilder said = new StringBuilder();
        Await.until(
                server.isPresent() ? Await.HANG_LIMIT : Duration.ZERO,
                () -> {
                    try (ChildProcess child = shell("set -e\n" + command)) {
                        int code = child.exit(Await.HANG_LIMIT);
                        said.replace(0, said.length(), child.output());
                        return code == 0;
                    }
                },
                () -> command + "\nfailed:\n" + said
                        + server.map(running -> "\nthe server printed:\n" + running.output())
                                .orElse(""));
    }

    /** Ours end with 0; the examples as any program on the JVM that a signal ends. */
    private static void stop(ChildProcess server) {
        assertThat(server.terminate()).as(server.output()).isIn(0, SIGTERM);
    }

    private ChildProcess shell(String command) {
        return ChildProcess.start(
                scratch, Map.of("JAVA_HOME", System.getProperty("java.home")), List.of("bash", "-c", command));
    }

    private Map<String, String> exchanges(PebbleCa ca) {
        String acme = "--acme " + ca.acme() + " --acme-root " + ca.httpsRoot();
        Map<String, String> exchanges = new LinkedHashMap<>();
        exchanges.put(
                "--port lets:",
                "--acme-root " + ca.httpsRoot() + " --port 'acme:"
                        + ca.acme().toString().replace(":", "\\:") + "':");
        exchanges.put("--staging", acme);
        exchanges.put("/srv/", scratch + "/srv/");
        exchanges.put("tcp:443", "tcp:" + ca.tlsPort());
        exchanges.put("--http-port 80", "--http-port " + ca.httpPort());
        for (String port : Set.of(":8443", ":8444", "--port 8443")) {
            exchanges.put(port, port.replaceAll("\\d+", "") + FreePorts.next());
        }
        return exchanges;
    }

    private static String exchanged(Block block, Map<String, String> exchanges) {
        String command = String.join("\n", block.lines());
        for (Map.Entry<String, String> exchange : exchanges.entrySet()) {
            command = command.replace(exchange.getKey(), exchange.getValue());
        }
        return command;
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Block> blocks() {
        return Markdown.blocks(Repository.read(Repository.root().resolve("README.md")));
    }

    private static Set<String> stripped(Stream<String> lines) {
        return lines.map(String::strip).collect(Collectors.toSet());
    }
}
