package org.autotls.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.autotls.benchmarks.HandshakeServer.Kind;

/**
 * Full handshakes per second of the server's processor time, each for one of many names at random, beside servers without
 * autotls. Every server is a process of its own, warmed up, and then they take turns, round by round. What is counted is all that the
 * process uses: sockets, compiler and collector, too.
 */
public final class Handshakes {

    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    private Handshakes() {}

    /** Runs it; see {@code benchmarks/run}. */
    public static void main(String... arguments) throws IOException {
        Options options = Options.parse(
                arguments, Map.of("names", 1000, "rounds", 7, "handshakes", 2000, "warm-up", 10_000, "tls", 13));
        String protocol = options.number("tls") == 12 ? "TLSv1.2" : "TLSv1.3";
        Map<String, ServerProcess> servers = new LinkedHashMap<>();
        try (Scratch scratch = Scratch.create();
                HandshakeClient client = new HandshakeClient(options.number("names"), protocol)) {
            try {
                startAll(scratch.directory(), options.number("names"), servers);
                measure(client, servers, options);
            } finally {
                servers.values().forEach(ServerProcess::close);
            }
        }
    }

    private static void startAll(Path directory, int names, Map<String, ServerProcess> servers) throws IOException {
        Certificates certificates = Certificates.write(directory, names);
        for (Kind kind : Kind.values()) {
            int port = ServerProcess.freePort();
            Path log = directory.resolve(kind + ".log");
            servers.put(
                    kind.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    ServerProcess.start(
                            log,
                            port,
                            ServerProcess.java(
                                    kind.options(),
                                    HandshakeServer.class,
                                    kind,
                                    port,
                                    certificates.directory(),
                                    certificates.wildcardFile())));
        }
        ServerProcess.find("nginx")
                .ifPresentOrElse(
                        program -> servers.put("nginx", Nginx.start(program, directory.resolve("nginx"), certificates)),
                        () -> System.out.println("nginx is not installed, so it is left out"));
        for (ServerProcess server : servers.values()) {
            server.await(START_LIMIT, () -> HandshakeClient.isListening(server.port()));
        }
    }

    private static void measure(HandshakeClient client, Map<String, ServerProcess> servers, Options options) {
        servers.forEach((name, server) -> {
            client.connect(server.port(), options.number("warm-up"));
            System.out.printf("%s is warm: %s%n", name, client.negotiated());
        });
        Figures figures = new Figures();
        int handshakes = options.number("handshakes");
        for (int round = 0; round < options.number("rounds"); round++) {
            servers.forEach((name, server) -> {
                Duration before = server.cpu();
                client.connect(server.port(), handshakes);
                figures.add(name, handshakes * 1e9 / server.cpu().minus(before).toNanos());
            });
            System.out.printf("round %d%n", round + 1);
        }
        figures.print("handshakes per CPU second", "bare-jdk", "bare-netty-boringssl", "nginx");
    }
}
