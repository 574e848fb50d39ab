package org.autotls.rig;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.autotls.CertificateBundle;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.TestCa;

/**
 * A running Pebble on free ports of the loopback interface, with a DNS server that answers 127.0.0.1 for every name.
 *
 * <p>Every Pebble can deadlock when it works on three orders or more at once, and then still serves its directory. So it counts
 * as ready when it answers a POST; and tests with more than two orders in flight go through {@link CaProxy#oneAtATime}.
 */
final class PebbleCa implements AcmeCa, AutoCloseable {

    /** A Pebble that has deadlocked says nothing for ever; one that works answers within this, now or when asked again. */
    private static final Duration DEADLOCK_LIMIT = Duration.ofSeconds(2);

    private static final int RETRY_AFTER_SECONDS = 1;

    /** What it calls itself in dns-persist-01, if it is new enough for that. */
    static final String CAA_IDENTITY = "pebble.example";

    private final Settings settings;
    private final Path directory;
    private final PortSet ports;
    private final HttpClient client;
    private final List<ChildProcess> processes = new ArrayList<>();

    private PebbleCa(Settings settings, Path directory, PortSet ports, HttpClient client) {
        this.settings = settings;
        this.directory = directory;
        this.ports = ports;
        this.client = client;
    }

    private record PortSet(int acme, int management, int http, int tls, int dns, int challtestsrv) {

        static PortSet free() {
            List<Integer> free = FreePorts.next(6);
            return new PortSet(free.get(0), free.get(1), free.get(2), free.get(3), free.get(4), free.get(5));
        }
    }

    /** What can be chosen before the start. */
    static final class Settings {
        private final PebbleBinary binary;
        private final Map<String, String> environment = new TreeMap<>(Map.of("PEBBLE_VA_NOSLEEP", "1"));
        private String moreProfiles = "";
        private final Map<String, String> macKeys = new TreeMap<>();
        private Duration lifetime = Duration.ofDays(90);
        private String dnsServer = "";

        private Settings(PebbleBinary binary) {
            this.binary = binary;
        }

        /** Refuses this part of all good nonces; Pebble's own default is 5. */
        Settings nonceRejectPercent(int percent) {
            environment.put("PEBBLE_WFE_NONCEREJECT", Integer.toString(percent));
            return this;
        }

        /** Gives this part of all authorizations back as already valid; Pebble's own default is 50. */
        Settings authorizationReusePercent(int percent) {
            environment.put("PEBBLE_AUTHZREUSE", Integer.toString(percent));
            return this;
        }

        /** Waits this long, or less, before it validates; none by default. */
        Settings validationDelay(Duration delay) {
            environment.remove("PEBBLE_VA_NOSLEEP");
            environment.put("PEBBLE_VA_SLEEPTIME", Long.toString(delay.toSeconds()));
            return this;
        }

        /** How long its certificates live; 90 days by default. */
        Settings lifetime(Duration lifetime) {
            this.lifetime = lifetime;
            return this;
        }

        /** Takes accounts only that are bound to this external one. */
        Settings externalAccount(String keyId, String macKey) {
            macKeys.put(keyId, macKey);
            return this;
        }

        /** Offers this profile beside {@code default}; an order that names none gets one of them at random. */
        Settings profile(String name, Duration lifetime) {
            moreProfiles += ", \"%s\": {\"description\": \"one more\", \"validityPeriod\": %d}"
                    .formatted(name, lifetime.toSeconds());
            return this;
        }

        /** Offers this many chains more, to other roots. */
        Settings alternateRoots(int number) {
            environment.put("PEBBLE_ALTERNATE_ROOTS", Integer.toString(number));
            return this;
        }

        /** Asks this DNS server, {@code HOST:PORT}, for everything; by default one that answers 127.0.0.1. */
        Settings dnsServer(String server) {
            this.dnsServer = server;
            return this;
        }

        /** Starts it and waits until it answers. */
        PebbleCa start(Path directory) {
            return PebbleCa.start(this, directory);
        }
    }

    static Settings on(PebbleBinary binary) {
        return new Settings(binary);
    }

    private static PebbleCa start(Settings settings, Path directory) {
        PortSet ports = PortSet.free();
        try {
            Files.createDirectories(directory);
            TestCa https = new TestCa();
            CertificateBundle server = https.issue(
                    Instant.parse("2020-01-01T00:00:00Z"), Duration.ofDays(36500), "localhost", "127.0.0.1");
            Tls.writePem(directory.resolve("https-root.pem"), https.root());
            Tls.writePem(directory.resolve("server.pem"), server.leaf());
            Files.writeString(
                    directory.resolve("server.key"),
                    Tls.pem("PRIVATE KEY", server.privateKey().getEncoded()));
            PebbleCa ca = new PebbleCa(settings, directory, ports, clientTrusting(https.root()));
            ca.startProcesses();
            return ca;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public URI acme() {
        return URI.create("https://localhost:" + ports.acme() + "/dir");
    }

    /** The root that the CA's own HTTPS certificate comes from. */
    @Override
    public Path httpsRoot() {
        return directory.resolve("https-root.pem");
    }

    /** The root that the certificates it issues come from; another one after each start. */
    Path issuerRoot() {
        return directory.resolve("issuer-root.pem");
    }

    /** Roots of the chains that it offers, its own first, as PEM. */
    String root(int number) {
        try {
            return fetch(management("/roots/" + number));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What its management says of a certificate: {@code Valid}, or {@code Revoked} and more. */
    String statusOf(X509Certificate certificate) {
        try {
            return fetch(management(
                    "/cert-status-by-serial/" + certificate.getSerialNumber().toString(16)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Has it answer this, sound or not, to who asks when to renew a certificate (RFC 9773); since 2.8.
     *
     * @param answer without {@code "} and backslash but in JSON's own places
     */
    void setRenewalInfo(X509Certificate certificate, String answer) {
        try {
            String pem = Tls.pem("CERTIFICATE", certificate.getEncoded());
            String body = "{\"certificate\": \"%s\", \"ariResponse\": \"%s\"}"
                    .formatted(pem.replace("\r", "").replace("\n", "\\n"), answer.replace("\"", "\\\""));
            HttpRequest post = request(management("/set-renewal-info/"), Await.HANG_LIMIT)
                    .POST(BodyPublishers.ofString(body))
                    .build();
            HttpResponse<String> done = client.send(post, BodyHandlers.ofString());
            if (done.statusCode() != 200) {
                throw new AssertionError("set-renewal-info: " + done.statusCode() + " " + done.body());
            }
        } catch (IOException | CertificateEncodingException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Where it looks for http-01 answers. */
    int httpPort() {
        return ports.http();
    }

    /** Where it looks for tls-alpn-01 answers. */
    int tlsPort() {
        return ports.tls();
    }

    /** What came of its log so far: its requests and what it thought of them. The last lines may still be on their way. */
    List<String> log() {
        return processes.get(1).lines();
    }

    /** How many accounts it made. */
    long accounts() {
        return log().stream()
                .filter(line -> line.contains(" accounts in memory"))
                .count();
    }

    /** How many orders it took; a request that came a second time, with a better nonce, made one only. */
    long orders() {
        return log().stream().filter(line -> line.contains("Added order ")).count();
    }

    /** Stops and starts it on the same ports. It keeps nothing: accounts, orders and its root are gone. */
    void restart() {
        close();
        processes.clear();
        startProcesses();
    }

    @Override
    public void close() {
        processes.forEach(ChildProcess::close);
    }

    private void startProcesses() {
        try {
            Files.writeString(directory.resolve("pebble.json"), configuration());
            processes.add(ChildProcess.start(directory, Map.of(), dnsCommand()));
            processes.add(ChildProcess.start(directory, settings.environment, pebbleCommand()));
            awaitAll();
            Files.writeString(issuerRoot(), fetch(management("/roots/0")));
        } catch (IOException | RuntimeException | AssertionError e) {
            String output = processes.stream().map(ChildProcess::output).reduce("", (a, b) -> a + "\n" + b);
            close();
            throw new AssertionError("Pebble did not start:" + output, e);
        }
    }

    /** Each listens on its own, in whatever order. */
    private void awaitAll() {
        awaitOne("challtestsrv answers no question", 0, this::answersQuestions);
        awaitOne("Pebble's management does not answer", 1, this::manages);
        awaitOne("Pebble answers no POST", 1, this::answersPosts);
    }

    private void awaitOne(String otherwise, int process, BooleanSupplier answers) {
        ChildProcess child = processes.get(process);
        Await.until(
                Await.HANG_LIMIT,
                () -> answers.getAsBoolean() || !child.isAlive(),
                () -> otherwise + "; it printed:\n" + child.output());
        if (!child.isAlive()) {
            throw new AssertionError(otherwise + " and has ended");
        }
    }

    private List<String> pebbleCommand() {
        String dns = settings.dnsServer.isEmpty() ? loopback(ports.dns()) : settings.dnsServer;
        return List.of(settings.binary.pebble().toString(), "-config", "pebble.json", "-dnsserver", dns);
    }

    private List<String> dnsCommand() {
        List<String> command =
                new ArrayList<>(List.of(settings.binary.challtestsrv().toString()));
        command.addAll(settings.binary.newer() ? List.of("-doh", "", "-dnsserver") : List.of("-dns01"));
        command.addAll(List.of(loopback(ports.dns()), "-management", loopback(ports.challtestsrv())));
        command.addAll(List.of("-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""));
        return command;
    }

    private String configuration() {
        return """
                {"pebble": {
                  "listenAddress": "%s",
                  "managementListenAddress": "%s",
                  "certificate": "server.pem",
                  "privateKey": "server.key",
                  "httpPort": %d,
                  "tlsPort": %d,
                  "ocspResponderURL": "",
                  "externalAccountBindingRequired": %s,
                  "externalAccountMACKeys": {%s},
                  "retryAfter": {"authz": %d, "order": %d},
                  "certificateValidityPeriod": %d,
                  %s
                  "profiles": {"default": {"description": "what there always is", "validityPeriod": %d}%s}
                }}
                """.formatted(
                        loopback(ports.acme()),
                        loopback(ports.management()),
                        httpPort(),
                        tlsPort(),
                        !settings.macKeys.isEmpty(),
                        settings.macKeys.entrySet().stream()
                                .map(entry -> "\"" + entry.getKey() + "\": \"" + entry.getValue() + "\"")
                                .collect(Collectors.joining(", ")),
                        RETRY_AFTER_SECONDS,
                        RETRY_AFTER_SECONDS,
                        settings.lifetime.toSeconds(),
                        settings.binary.newer() ? "\"caaIdentities\": [\"" + CAA_IDENTITY + "\"]," : "",
                        settings.lifetime.toSeconds(),
                        settings.moreProfiles);
    }

    private boolean answersQuestions() {
        String port = Integer.toString(ports.dns());
        try (ChildProcess dig = ChildProcess.start(
                directory,
                Map.of(),
                List.of("dig", "+short", "+time=2", "+tries=1", "-p", port, "@127.0.0.1", "a.example", "A"))) {
            return dig.exit(Await.HANG_LIMIT) == 0 && dig.output().equals("127.0.0.1");
        }
    }

    private boolean manages() {
        try {
            return fetch(management("/roots/0")).contains("BEGIN CERTIFICATE");
        } catch (IOException e) {
            return false;
        }
    }

    /** A body that is no JWS: a Pebble that works refuses it, one that hangs says nothing. */
    private boolean answersPosts() {
        try {
            Matcher account = Pattern.compile("\"newAccount\": *\"([^\"]+)\"").matcher(fetch(acme(), DEADLOCK_LIMIT));
            if (!account.find()) {
                return false;
            }
            HttpRequest post = request(URI.create(account.group(1)), DEADLOCK_LIMIT)
                    .header("Content-Type", "application/jose+json")
                    .POST(BodyPublishers.ofString("{}"))
                    .build();
            return client.send(post, BodyHandlers.ofString()).statusCode() == 400;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String fetch(URI from) throws IOException {
        return fetch(from, Await.HANG_LIMIT);
    }

    private String fetch(URI from, Duration limit) throws IOException {
        try {
            HttpResponse<String> answer = client.send(request(from, limit).build(), BodyHandlers.ofString(UTF_8));
            if (answer.statusCode() != 200) {
                throw new IOException(from + " answered " + answer.statusCode());
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static HttpRequest.Builder request(URI to, Duration limit) {
        return HttpRequest.newBuilder(to).timeout(limit).header("User-Agent", "autotls rig");
    }

    private URI management(String path) {
        return URI.create("https://localhost:" + ports.management() + path);
    }

    private static String loopback(int port) {
        return "127.0.0.1:" + port;
    }

    private static HttpClient clientTrusting(X509Certificate root) {
        return HttpClient.newBuilder().sslContext(Tls.trusting(root)).build();
    }
}
