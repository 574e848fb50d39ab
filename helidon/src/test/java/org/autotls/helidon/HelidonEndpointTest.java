package org.autotls.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.common.Version;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsProbe;
import org.autotls.testkit.TlsTestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Helidon on the class path. */
class HelidonEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        return new Running(settings -> AutoTlsHelidon.endpoint(settings, autoTls));
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        return Optional.of(new Running(
                settings -> settings.routing(HttpRouting.builder().any(AutoTlsHelidon.plainHttp(autoTls)))));
    }

    @Override
    protected String serverName() {
        return "Helidon";
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    @Override
    protected boolean clientsOrderDecides() {
        return true;
    }

    /** The build says which version it means to test; elsewhere any will do. Read at run time: the compiler knows another. */
    @Test
    void version_isTheOneThatTheBuildMeans() throws ReflectiveOperationException {
        String running = (String) Version.class.getField("VERSION").get(null);
        assertThat(running).isEqualTo(System.getProperty("autotls.test.version", running));
    }

    @Test
    void endpoint_issuesFromStartToStop(@TempDir Path directory) throws Exception {
        AutoTls autoTls = AutoTls.endpoint("local:" + directory.resolve("certs") + ":tcp:0:interface=127.0.0.1")
                .open();
        try (autoTls;
                Running running = new Running(settings -> AutoTlsHelidon.endpoint(settings, autoTls))) {
            autoTls.whenCertsValid().toCompletableFuture().join();
            assertThat(new TlsProbe(running.port())
                            .handshake("localhost", "TLSv1.3", "h2")
                            .applicationProtocol())
                    .isEqualTo("h2");
        }
    }

    @Test
    void withoutNio_isRefused(@TempDir Path directory) {
        AutoTls autoTls = AutoTls.at(directory).readOnly().open();
        assertThatThrownBy(() -> AutoTlsHelidon.endpoint(WebServer.builder().useNio(false), autoTls)
                        .build())
                .hasStackTraceContaining("useNio is false");
        autoTls.close();
    }

    private interface Settings {
        WebServerConfig.Builder apply(WebServerConfig.Builder settings);
    }

    private static final class Running implements TlsTestServer {

        private final AtomicInteger requests = new AtomicInteger();
        private final WebServer server;

        Running(Settings settings) {
            server = settings.apply(WebServer.builder()
                            .host("127.0.0.1")
                            .port(0)
                            .routing(routing -> routing.get("/", (request, response) -> {
                                requests.incrementAndGet();
                                response.send("Hello from Helidon\n");
                            })))
                    .build()
                    .start();
        }

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
            server.stop();
        }
    }
}
