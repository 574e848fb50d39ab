package org.autotls.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslProvider;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.autotls.AutoTls;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsProbe;
import org.autotls.testkit.TlsTestServer;
import org.junit.jupiter.api.Test;

/** The http server of the Vert.x on the class path, on one engine. */
abstract class VertxContract extends ServerEndpointContract {

    private final SslProvider engine;

    VertxContract(SslProvider engine) {
        this.engine = engine;
    }

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws Exception {
        return listen(options(autoTls));
    }

    private HttpServerOptions options(AutoTls autoTls) {
        HttpServerOptions options = AutoTlsVertx.endpoint(
                new HttpServerOptions().setHost("127.0.0.1").setPort(0), autoTls);
        options.setSslEngineOptions(AutoTlsVertx.engine(autoTls, engine));
        return options;
    }

    private static TlsTestServer listen(HttpServerOptions options) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        return new RunningVertx(
                requests,
                vertx -> vertx.createHttpServer(options)
                        .requestHandler(request -> {
                            requests.incrementAndGet();
                            request.response().end("Hello from Vert.x\n");
                        })
                        .listen()
                        .map(HttpServer::actualPort));
    }

    static TlsTestServer plain(AutoTls autoTls) throws Exception {
        return new RunningVertx(
                new AtomicInteger(),
                vertx -> vertx.createHttpServer()
                        .requestHandler(AutoTlsVertx.plainHttp(autoTls))
                        .listen(0, "127.0.0.1")
                        .map(HttpServer::actualPort));
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws Exception {
        return Optional.of(plain(autoTls));
    }

    @Override
    protected String serverName() {
        return "Vert.x";
    }

    @Test
    final void vertx_isOfTheVersionThatIsToBeTested() {
        String jar =
                Vertx.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        assertThat(jar).endsWith("vertx-core-" + System.getProperty("autotls.test.version") + ".jar");
    }

    @Test
    final void clientAuthenticationInTheOptions_isRefused() {
        MemoryStore store = new MemoryStore(new ManualClock());
        try (AutoTls autoTls = AutoTls.with(store, store, store).readOnly().open()) {
            assertThatThrownBy(() ->
                            AutoTlsVertx.endpoint(new HttpServerOptions().setClientAuth(ClientAuth.REQUEST), autoTls))
                    .hasMessageContaining("REQUEST")
                    .hasMessageContaining("call requireClientCertificates of the AutoTls");
        }
    }

    /** Some versions of Vert.x make the context when they begin to listen, some with the first connection. */
    @Test
    final void clientAuthenticationSetLater_isNeverTakenForGranted() {
        MemoryStore store = new MemoryStore(new ManualClock());
        try (AutoTls autoTls =
                AutoTls.with(store, store, store).readOnly().mapping(index).open()) {
            HttpServerOptions options = options(autoTls).setClientAuth(ClientAuth.REQUIRED);
            assertThatThrownBy(() -> {
                        try (TlsTestServer server = listen(options)) {
                            new TlsProbe(server.port()).handshake("a.example", "TLSv1.3");
                        }
                    })
                    .satisfiesAnyOf(
                            refused -> assertThat(refused).isInstanceOf(SSLException.class),
                            refused -> assertThat(refused).hasStackTraceContaining("call requireClientCertificates"));
        }
    }

    @Test
    final void endpoint_withoutAnAddress_takesTheOptionsPortOrTheOneOfHttps() {
        MemoryStore store = new MemoryStore(new ManualClock());
        try (AutoTls autoTls = AutoTls.with(store, store, store).readOnly().open()) {
            assertThat(AutoTlsVertx.endpoint(new HttpServerOptions(), autoTls).getPort())
                    .isEqualTo(443);
            assertThat(AutoTlsVertx.endpoint(new HttpServerOptions().setPort(8443), autoTls)
                            .getPort())
                    .isEqualTo(8443);
        }
    }
}
