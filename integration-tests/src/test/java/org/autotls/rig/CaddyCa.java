package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.autotls.testkit.Await;
import org.autotls.testkit.BindServer;

/**
 * Caddy's {@code acme_server}, a CA that is not Pebble: other URLs, one intermediate, certificates of twelve hours, validation
 * before a challenge is answered, accounts that outlive it. It asks on the real ports and the system's name server, so it runs in a
 * {@link PrivateNetwork} beside a BIND for {@code example.test}, and so must its clients.
 */
final class CaddyCa implements AutoCloseable {

    private static final int DNS_PORT = 53;

    private final Path directory;
    private final PrivateNetwork network;
    private final BindServer bind;
    private final ChildProcess caddy;

    private CaddyCa(Path directory, PrivateNetwork network, BindServer bind, ChildProcess caddy) {
        this.directory = directory;
        this.network = network;
        this.bind = bind;
        this.caddy = caddy;
    }

    /** Starts it and waits until its directory can be read. */
    static CaddyCa start(Path directory) {
        try {
            Files.createDirectories(directory);
            Path configuration = Files.writeString(directory.resolve("Caddyfile"), """
                    {
                      admin off
                      http_port 8080
                      https_port 8443
                      storage file_system %s
                      auto_https disable_redirects
                      skip_install_trust
                    }
                    https://localhost:8443 {
                      tls internal
                      acme_server
                    }
                    """.formatted(
                            directory.resolve("store").toAbsolutePath()));
            PrivateNetwork network = PrivateNetwork.start(directory);
            BindServer bind =
                    BindServer.primary(network.enter(), directory.resolve("bind"), DNS_PORT, "", "example.test");
            ChildProcess caddy = network.start(
                    directory,
                    Map.of("HOME", directory.toString()),
                    List.of("caddy", "run", "--adapter", "caddyfile", "--config", configuration.toString()));
            CaddyCa ca = new CaddyCa(directory, network, bind, caddy);
            ca.awaitDirectory();
            return ca;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitDirectory() {
        Await.until(
                Await.HANG_LIMIT,
                () -> (Files.exists(root()) && run("curl", "-sf", "--cacert", root().toString(), acme()) == 0)
                        || !caddy.isAlive(),
                () -> "Caddy's CA does not answer; it printed:\n" + caddy.output());
    }

    private int run(String... command) {
        try (ChildProcess child = network.start(directory, Map.of(), List.of(command))) {
            return child.exit(Await.HANG_LIMIT);
        }
    }

    /** What the ACME directory says. */
    String directoryDocument() {
        try (ChildProcess child =
                network.start(directory, Map.of(), List.of("curl", "-s", "--cacert", root().toString(), acme()))) {
            assertThat(child.exit(Await.HANG_LIMIT)).as(child.output()).isZero();
            return child.output();
        }
    }

    /** The ACME directory, as clients in its network see it. */
    String acme() {
        return "https://localhost:8443/acme/local/directory";
    }

    /** Of the CA's own https, and of what it issues: {@code --acme-root}. */
    Path root() {
        return directory.resolve("store/pki/authorities/local/root.crt");
    }

    /** The name server that it asks, which takes updates. */
    BindServer bind() {
        return bind;
    }

    /** The challenge string of our command for dns-01 by that name server. */
    String byUpdates() {
        return "dns-01:rfc2136:server=127.0.0.1\\:" + DNS_PORT + ":key=" + BindServer.KEY + ":secret-file="
                + bind.keyFile().toAbsolutePath() + ":algorithm=hmac-sha256";
    }

    /** Starts our command in its network. */
    ChildProcess autotls(String command, Path certs, String... more) {
        List<String> all = new ArrayList<>(List.of(command.split(" ")));
        all.addAll(List.of("--certs", certs.toAbsolutePath().toString(), "--acme", acme()));
        all.addAll(List.of("--acme-root", root().toString()));
        all.addAll(List.of(more));
        return Autotls.startIn(network, certs, all.toArray(String[]::new));
    }

    @Override
    public void close() {
        caddy.close();
        bind.close();
        network.close();
    }
}
