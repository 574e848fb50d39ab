package org.autotls.reactornetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The Reactor Netty on the class path, on one engine. */
abstract class ReactorNettyContract extends ServerEndpointContract {

    private final SslProvider engine;

    ReactorNettyContract(SslProvider engine) {
        this.engine = engine;
    }

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = AutoTlsReactorNetty.endpoint(onAnyPort(), autoTls, engine)
                .handle((request, response) -> {
                    requests.incrementAndGet();
                    return response.sendString(Mono.just("Hello from Reactor Netty\n"));
                });
        return new Running(server.bindNow(), requests);
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        HttpServer server = onAnyPort().handle(AutoTlsReactorNetty.plainHttp(autoTls));
        return Optional.of(new Running(server.bindNow(), new AtomicInteger()));
    }

    private static HttpServer onAnyPort() {
        return HttpServer.create().host("127.0.0.1").port(0);
    }

    @Override
    protected String serverName() {
        return "Reactor Netty";
    }

    @Test
    final void reactorNetty_isOfTheVersionThatIsToBeTested() {
        String jar = HttpServer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        assertThat(jar).endsWith("reactor-netty-http-" + System.getProperty("autotls.test.version") + ".jar");
    }

    @Test
    final void endpointString_isServedAndItsCertificatesAreSeenToUntilTheServerIsUnbound(@TempDir Path directory)
            throws Exception {
        HttpServer server = AutoTlsReactorNetty.endpoint(
                        HttpServer.create(), "local:" + directory + ":tcp:0:interface=127.0.0.1")
                .handle((request, response) -> response.send());
        DisposableServer bound = server.bindNow();
        try {
            assertThat(threads(directory)).isNotEmpty();
            assertThat(((InetSocketAddress) bound.address()).getHostString()).isEqualTo("127.0.0.1");
        } finally {
            bound.disposeNow();
        }
        long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        for (Thread thread : threads(directory)) {
            thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private static List<Thread> threads(Path directory) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("autotls-watch-" + directory.getFileName()))
                .toList();
    }

    private record Running(DisposableServer server, AtomicInteger requests) implements TlsTestServer {

        @Override
        public int port() {
            return server.port();
        }

        @Override
        public int conversations() {
            return requests.get();
        }

        @Override
        public void close() {
            server.disposeNow(Duration.ofSeconds(60));
        }
    }
}
