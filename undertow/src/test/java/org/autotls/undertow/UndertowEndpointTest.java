package org.autotls.undertow;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.Version;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsProbe;
import org.autotls.testkit.TlsTestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Undertow on the class path. */
class UndertowEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        Greeting greeting = new Greeting();
        Undertow.Builder server = Undertow.builder()
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .addListener(
                        AutoTlsUndertow.listener(autoTls).setHost("127.0.0.1").setPort(0))
                .setHandler(greeting);
        return new Running(server.build(), greeting);
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        Undertow.Builder server =
                Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(AutoTlsUndertow.plainHttp(autoTls));
        return Optional.of(new Running(server.build(), new Greeting()));
    }

    @Override
    protected String serverName() {
        return "Undertow";
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    @Override
    protected boolean takesSplitHellos() {
        return false;
    }

    @Override
    protected int longestHello() {
        return 16 * 1024;
    }

    @Override
    protected List<String> protocols(String version) {
        return version.equals("TLSv1.3") ? List.of("http/1.1") : protocols();
    }

    /** The build says which version it means to test; elsewhere any will do. */
    @Test
    void version_isTheOneThatTheBuildMeans() {
        String running = Version.getVersionString();
        assertThat(running).isEqualTo(System.getProperty("autotls.test.version", running));
    }

    @Test
    void endpoint_listensWhereTheStringSaysWithHttp2(@TempDir Path directory) throws Exception {
        AutoTls autoTls = AutoTls.endpoint("local:" + directory.resolve("certs") + ":tcp:0:interface=127.0.0.1")
                .open();
        try (autoTls;
                Running running = new Running(
                        AutoTlsUndertow.endpoint(Undertow.builder(), autoTls).build(), new Greeting())) {
            autoTls.startIssuing();
            autoTls.whenCertsValid().toCompletableFuture().join();
            SSLContext client = TlsProbe.trusting(certificate(autoTls.rootFile().orElseThrow()));
            TlsProbe.Handshake handshake =
                    new TlsProbe(running.port()).handshake(client, "localhost", UndertowEndpointTest::offeringBoth);
            assertThat(running.address().getHostString()).isEqualTo("127.0.0.1");
            assertThat(handshake.applicationProtocol()).isEqualTo("h2");
            assertThat(handshake.protocol()).isEqualTo("TLSv1.3");
        }
    }

    private static X509Certificate certificate(Path pem) throws Exception {
        try (InputStream in = Files.newInputStream(pem)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static SSLParameters offeringBoth(SSLParameters parameters) {
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setApplicationProtocols(new String[] {"http/1.1", "h2"});
        return parameters;
    }

    private static final class Greeting implements HttpHandler {

        private final AtomicInteger requests = new AtomicInteger();

        @Override
        public void handleRequest(HttpServerExchange exchange) {
            requests.incrementAndGet();
            exchange.getResponseSender().send("Hello from Undertow\n");
        }
    }

    private record Running(Undertow server, Greeting greeting) implements TlsTestServer {

        Running {
            server.start();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        }

        @Override
        public int port() {
            return address().getPort();
        }

        @Override
        public int conversations() {
            return greeting.requests.get();
        }

        @Override
        public void close() {
            server.stop();
        }
    }
}
