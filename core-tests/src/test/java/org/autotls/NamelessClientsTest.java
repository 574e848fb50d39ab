package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.autotls.internal.Certificates;
import org.autotls.internal.Pem;
import org.autotls.testkit.Await;
import org.autotls.testkit.TlsProbe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The JDK's own clients, which send no server name for an address or, some of them, for {@code localhost}. */
@Timeout(60)
class NamelessClientsTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @Test
    void local_localhost_isServedToClientsWithoutServerName() throws Exception {
        try (AutoTls autoTls = issued(AutoTls.at(directory).local())) {
            HttpsServer server = serve(autoTls);
            int port = server.getAddress().getPort();

            assertThat(byHttpClient("127.0.0.1", port)).isEqualTo("ok");
            assertThat(byHttpClient("localhost", port)).isEqualTo("ok");
            assertThat(byUrlConnection("localhost", port)).isEqualTo("ok");
            assertThat(byUrlConnection("127.0.0.1", port)).isEqualTo("ok");

            server.stop(0);
        }
    }

    @Test
    void local_otherNamesOnly_aClientWithoutServerNameIsRefused() throws Exception {
        try (AutoTls autoTls = issued(AutoTls.at(directory).local().names("a.example"))) {
            HttpsServer server = serve(autoTls);

            refused(server);

            server.stop(0);
        }
    }

    @Test
    void local_localhostRemoved_aClientWithoutServerNameIsRefused() throws Exception {
        try (AutoTls autoTls = issued(AutoTls.at(directory).local())) {
            HttpsServer server = serve(autoTls);
            assertThat(byHttpClient("127.0.0.1", server.getAddress().getPort())).isEqualTo("ok");

            Files.delete(directory.resolve("localhost.pem"));
            Await.until(() -> autoTls.index().current().fallback().isEmpty());
            refused(server);

            server.stop(0);
        }
    }

    @Test
    void readOnly_localhost_isNoDefault() throws Exception {
        issued(AutoTls.at(directory).local()).close();
        try (AutoTls reading = AutoTls.at(directory).readOnly().start()) {
            HttpsServer server = serve(reading);

            refused(server);

            server.stop(0);
        }
    }

    private void refused(HttpsServer server) {
        assertThatThrownBy(() -> byHttpClient("127.0.0.1", server.getAddress().getPort()))
                .isInstanceOf(IOException.class);
    }

    private static AutoTls issued(AutoTlsBuilder builder) {
        AutoTls autoTls = builder.start();
        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        return autoTls;
    }

    private static HttpsServer serve(AutoTls autoTls) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(autoTls.sslContext()));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.start();
        return server;
    }

    private String byHttpClient(String host, int port) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(trusting())
                .connectTimeout(SOON)
                .build();
        return client.send(HttpRequest.newBuilder(url(host, port)).timeout(SOON).build(), BodyHandlers.ofString())
                .body();
    }

    private String byUrlConnection(String host, int port) throws Exception {
        HttpsURLConnection connection =
                (HttpsURLConnection) url(host, port).toURL().openConnection();
        connection.setSSLSocketFactory(trusting().getSocketFactory());
        connection.setReadTimeout((int) SOON.toMillis());
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private SSLContext trusting() throws IOException {
        String pem = Files.readString(directory.resolve("local-ca.crt"));
        return TlsProbe.trusting(Certificates.parse(Pem.parse(pem).get(0).content()));
    }

    private static URI url(String host, int port) {
        return URI.create("https://" + host + ":" + port + "/");
    }
}
