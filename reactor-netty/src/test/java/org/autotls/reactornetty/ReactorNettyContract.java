package org.autotls.reactornetty;

import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;
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
