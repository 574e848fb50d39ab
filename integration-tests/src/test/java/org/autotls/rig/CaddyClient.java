package org.autotls.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.autotls.testkit.Await;

/** Caddy as a client: a server, so what it has to do follows from its configuration and from what is in its directory. */
record CaddyClient(PebbleCa ca, CaProxy proxy, Path directory) implements AcmeClients.Client {

    @Override
    public void issueFirst() {
        run(AcmeClients.FIRST, "0.3", 1);
    }

    @Override
    public void issueSecond() {
        run(AcmeClients.SECOND, "0.3", 2);
    }

    @Override
    public void renewFirst() {
        run(AcmeClients.FIRST, "0.9999999", 2);
    }

    /** Runs it until one more certificate was downloaded and so many are stored. */
    private void run(String name, String renewalWindow, int certificates) {
        long before = downloads();
        try (ChildProcess caddy = ChildProcess.start(
                directory,
                Map.of("HOME", directory.toString(), "XDG_DATA_HOME", directory.toString()),
                List.of("caddy", "run", "--config", configured(name, renewalWindow)))) {
            Await.until(
                    Await.HANG_LIMIT,
                    () -> (downloads() > before && stored() == certificates) || !caddy.isAlive(),
                    () -> "no certificate: " + caddy.output());
            caddy.terminate();
        }
    }

    private String configured(String name, String renewalWindow) {
        String configuration = """
                {"admin": {"disabled": true}, "storage": {"module": "file_system", "root": "%s"}, "apps": {
                  "http": {"http_port": %d, "https_port": %d, "servers": {"one": {"listen": ["127.0.0.1:%d"],
                    "routes": [{"match": [{"host": ["%s"]}]}], "automatic_https": {"disable_redirects": true}}}},
                  "tls": {"automation": {"policies": [{"subjects": ["%s"], "renewal_window_ratio": %s,
                    "issuers": [{"module": "acme", "ca": "%s", "trusted_roots_pem_files": ["%s"],
                      "challenges": {"tls-alpn": {"disabled": true}, "http": {"alternate_port": %d}}}]}]}}}}
                """.formatted(
                        store(),
                        ca.httpPort(),
                        ca.tlsPort(),
                        ca.tlsPort(),
                        name,
                        name,
                        renewalWindow,
                        proxy.acme(),
                        proxy.httpsRoot(),
                        ca.httpPort());
        try {
            return Files.writeString(directory.resolve("caddy.json"), configuration)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path store() {
        return directory.resolve("store");
    }

    private long downloads() {
        return proxy.exchanges().stream()
                .filter(exchange -> exchange.kind().equals("certZ"))
                .count();
    }

    /** Caddy removes what else is in its store, such as locks, while it is looked at: only what stays is listed. */
    private long stored() {
        Path certificates = store().resolve("certificates");
        if (!Files.exists(certificates)) {
            return 0;
        }
        try (Stream<Path> issuers = Files.list(certificates)) {
            return issuers.flatMap(issuer -> Stream.of(AcmeClients.FIRST, AcmeClients.SECOND)
                            .map(name -> issuer.resolve(name).resolve(name + ".crt")))
                    .filter(Files::exists)
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
