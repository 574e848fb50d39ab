package org.autotls.armeria;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.autotls.AutoTls;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a service sees of a request, and that a server by an endpoint string issues once it listens. */
class ArmeriaRequestTest {

    private static final int SECONDS = 60;

    @TempDir
    Path directory;

    @Test
    void request_isOneOfPlainHttpButForItsSession() throws Exception {
        int port = FreePorts.next();
        String endpoint = "local:" + directory + ":tcp:" + port + ":interface=127.0.0.1";
        try (AutoTls autoTls = AutoTls.endpoint(endpoint).names("127.0.0.1").open()) {
            Server server = AutoTlsArmeria.endpoint(Server.builder(), autoTls)
                    .service(
                            "/",
                            (context, request) -> HttpResponse.of(context.sessionProtocol()
                                            .uriText() + " " + request.scheme() + " " + (context.sslSession() != null)))
                    .build();
            server.start().join();
            try {
                autoTls.whenCertsValid().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(trusting(autoTls.rootFile().orElseThrow()))
                        .build();
                URI uri = URI.create("https://127.0.0.1:" + port + "/");
                assertThat(body(client, uri, HttpClient.Version.HTTP_2)).isEqualTo("h2c https true");
                assertThat(body(client, uri, HttpClient.Version.HTTP_1_1)).isEqualTo("h1c http true");
            } finally {
                server.stop().join();
            }
        }
    }

    private static String body(HttpClient client, URI uri, HttpClient.Version version) throws Exception {
        var answer = client.send(HttpRequest.newBuilder(uri).version(version).build(), BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(version);
        return answer.body();
    }

    private static SSLContext trusting(Path root) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(root)) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
