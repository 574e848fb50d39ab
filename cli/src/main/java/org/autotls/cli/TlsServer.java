package org.autotls.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.autotls.AutoTlsBuilder;
import org.autotls.Text;
import org.autotls.endpoint.EndpointParsers;
import org.autotls.endpoint.ServerEndpoint;
import org.autotls.netty.AutoTlsEndpoint;
import org.autotls.netty.ListeningPort;
import org.autotls.netty.TlsTerminator;

/** An endpoint string with TLS, checked, and what {@code web} and {@code proxy} do with it. */
final class TlsServer {

    /** What browsers are offered by ALPN. */
    static final List<String> HTTP = List.of("h2", "http/1.1");

    /** For what the engine has sent, on its way through this process to the clients; a part of {@link StopSignal}'s limit. */
    private static final long LAST_BYTES_MILLIS = 300;

    private final ServerEndpoint endpoint;
    private final CaOptions options;

    private TlsServer(ServerEndpoint endpoint, CaOptions options) {
        this.endpoint = endpoint;
        this.options = options;
    }

    /**
     * Reads an endpoint string. Nothing is bound and nothing is written.
     *
     * @throws org.autotls.endpoint.EndpointException if the string is wrong
     * @throws CommandFailure if the endpoint has no TLS, or its port is that of {@code --http-port}
     */
    static TlsServer parse(String text, CaOptions options) {
        ServerEndpoint endpoint = EndpointParsers.standard().parse(text);
        if (endpoint.autoTls().isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--port " + Text.escape(text)
                            + " has no TLS; put one of these in front: local:DIR:, le:DIR:, lets:DIR:,"
                            + " txsni:DIR: or acme:URL:DIR:");
        }
        options.check(endpoint.address());
        return new TlsServer(endpoint, options);
    }

    /**
     * Refuses to publish private keys.
     *
     * @throws CommandFailure if the certificate directory lies in {@code root}, by its name or by where links lead
     */
    void checkOutside(Path root) {
        Optional<Path> directory = endpoint.autoTls().flatMap(AutoTlsBuilder::directory);
        directory
                .filter(path -> isInside(path.toAbsolutePath(), root.toAbsolutePath()))
                .ifPresent(inside -> {
                    throw new CommandFailure(
                            ExitCode.DIRECTORY,
                            "the certificate directory " + Text.escape(inside.toString()) + " lies inside --path "
                                    + Text.escape(root.toString())
                                    + ": its private keys would be served; keep them apart");
                });
    }

    private static boolean isInside(Path directory, Path root) {
        return directory.normalize().startsWith(root.normalize())
                || real(directory).startsWith(real(root));
    }

    /** Where an absolute path leads; what is not there yet will be made below the nearest parent that is. */
    private static Path real(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            return path;
        }
        try {
            return path.toRealPath();
        } catch (IOException e) {
            Path made = real(parent).resolve(path.getFileName()).normalize();
            return made.equals(path) ? path : real(made);
        }
    }

    /**
     * Listens, and waits until certificates were seen to.
     *
     * @param terminator where decrypted bytes go
     * @param protocols offered by ALPN
     * @param stop ends the wait
     */
    Listening listen(TlsTerminator terminator, List<String> protocols, StopSignal stop) {
        AutoTlsEndpoint server = AutoTlsEndpoint.of(endpoint)
                .withApplicationProtocols(protocols.toArray(String[]::new))
                .configure(options::apply);
        return new Listening(stop.orStop(server.listen(terminator)), server);
    }

    /** A server that listens. */
    record Listening(ListeningPort port, AutoTlsEndpoint server) implements AutoCloseable {

        /** Where a browser finds it, if names lead to this machine. */
        String url() {
            return port.localAddress() instanceof InetSocketAddress tcp
                    ? ServedUrl.of(tcp, port.autoTls().orElseThrow().index().current())
                    : server.address().toString();
        }

        /**
         * Lets requests in flight end: accepts nothing new, has the engine finish, and waits until clients have what it sent,
         * or for 0.3 s.
         */
        void finish(HttpEngine engine) {
            CompletableFuture<Void> drained = port.drain().toCompletableFuture();
            engine.close();
            drained.completeOnTimeout(null, LAST_BYTES_MILLIS, TimeUnit.MILLISECONDS)
                    .join();
        }

        @Override
        public void close() {
            port.close();
        }
    }
}
