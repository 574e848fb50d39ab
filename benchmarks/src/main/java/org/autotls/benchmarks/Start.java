package org.autotls.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * From the start of {@code ./autotls web} until it serves ten names, first to last, of the many whose certificates it reads from
 * files; beside Caddy and nginx with the same files. Contestants take turns; files have been read before, so they come
 * from memory.
 */
public final class Start {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int ASKED = 10;

    private final Path home = Path.of(System.getProperty("autotls.home"));
    private final Path directory;
    private final Certificates certificates;
    private final SSLSocketFactory client;
    private final Figures seconds = new Figures();
    private final Figures cpuSeconds = new Figures();
    private final Figures mebibytes = new Figures();

    private Start(Path directory, Certificates certificates) {
        this.directory = directory;
        this.certificates = certificates;
        this.client = trusting(certificates);
    }

    /** Runs it; see {@code benchmarks/run}. */
    public static void main(String... arguments) throws IOException {
        Options options = Options.parse(arguments, Map.of("names", 10_000, "rounds", 3));
        try (Scratch scratch = Scratch.create()) {
            Start start =
                    new Start(scratch.directory(), Certificates.write(scratch.directory(), options.number("names")));
            start.buildAutotls();
            Map<String, Function<Path, ServerProcess>> contestants = start.contestants();
            for (int round = 0; round < options.number("rounds"); round++) {
                contestants.forEach(start::measure);
            }
            start.seconds.print("seconds", "caddy", "nginx");
            start.cpuSeconds.print("CPU seconds", "caddy", "nginx");
            start.mebibytes.print("MiB resident then", "caddy", "nginx");
        }
    }

    /** The first start would build it. */
    private void buildAutotls() throws IOException {
        Process process = new ProcessBuilder(home.resolve("autotls").toString(), "--version")
                .inheritIO()
                .start();
        if (process.onExit().join().exitValue() != 0) {
            throw new IllegalStateException("./autotls does not start");
        }
    }

    private Map<String, Function<Path, ServerProcess>> contestants() {
        Map<String, Function<Path, ServerProcess>> contestants = new LinkedHashMap<>();
        contestants.put("autotls-web", this::autotlsWeb);
        addInstalled("caddy", contestants, program -> this::caddy);
        addInstalled("nginx", contestants, program -> scratch -> Nginx.start(program, scratch, certificates));
        return contestants;
    }

    private static void addInstalled(
            String name,
            Map<String, Function<Path, ServerProcess>> contestants,
            Function<Path, Function<Path, ServerProcess>> starter) {
        ServerProcess.find(name)
                .ifPresentOrElse(
                        program -> contestants.put(name, starter.apply(program)),
                        () -> System.out.println(name + " is not installed, so it is left out"));
    }

    private void measure(String name, Function<Path, ServerProcess> starter) {
        long begin = System.nanoTime();
        try (ServerProcess server = starter.apply(directory.resolve(name))) {
            for (int i = 0; i < ASKED; i++) {
                String asked = Certificates.name((int) ((certificates.count() - 1L) * i / (ASKED - 1)));
                server.await(LIMIT, () -> isServed(server.port(), asked));
            }
            seconds.add(name, (System.nanoTime() - begin) / 1e9);
            cpuSeconds.add(name, server.cpu().toMillis() / 1e3);
            mebibytes.add(name, server.residentMebibytes());
        }
    }

    private boolean isServed(int port, String name) {
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            plain.setSoTimeout(TIMEOUT_MILLIS);
            try (SSLSocket socket = (SSLSocket) client.createSocket(plain, name, port, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(name)));
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return true;
            }
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private ServerProcess autotlsWeb(Path scratch) {
        int port = ServerProcess.freePort();
        return start(
                scratch,
                port,
                List.of(
                        home.resolve("autotls").toString(),
                        "web",
                        "--port",
                        "txsni:" + certificates.directory() + ":tcp:" + port + ":interface=127.0.0.1",
                        "--path",
                        home.resolve("examples/site").toString()));
    }

    private ServerProcess caddy(Path scratch) {
        int port = ServerProcess.freePort();
        String files = String.join(
                ",\n",
                IntStream.range(0, certificates.count())
                        .mapToObj(certificates::file)
                        .map("{\"certificate\": \"%1$s\", \"key\": \"%1$s\"}"::formatted)
                        .toList());
        Path configuration = scratch.resolve("caddy.json");
        try {
            Files.createDirectories(scratch);
            Files.writeString(
                    configuration, """
                    {"admin": {"disabled": true},
                     "storage": {"module": "file_system", "root": "%s"},
                     "apps": {
                      "http": {"servers": {"site": {"listen": ["127.0.0.1:%d"], "tls_connection_policies": [{}],
                                                    "automatic_https": {"disable": true},
                                                    "routes": [{"handle": [{"handler": "static_response"}]}]}}},
                      "tls": {"cache": {"capacity": %d}, "certificates": {"load_files": [
                    %s
                    ]}}}}
                    """.formatted(scratch.resolve("storage"), port, 2 * certificates.count(), files));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return start(scratch, port, List.of("caddy", "run", "--config", configuration.toString()));
    }

    private static ServerProcess start(Path scratch, int port, List<String> command) {
        try {
            Files.createDirectories(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ServerProcess.start(scratch.resolve("log"), port, command);
    }

    private static SSLSocketFactory trusting(Certificates certificates) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("root", certificates.root());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
