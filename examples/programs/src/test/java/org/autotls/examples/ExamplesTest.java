package org.autotls.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.autotls.AutoTls;
import org.autotls.netty.ListeningPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ExamplesTest {

    @TempDir
    Path directory;

    @Test
    void jdkHttpsServer_answersOverTls() throws Exception {
        try (AutoTls autoTls = AutoTls.at(directory).local().start()) {
            HttpsServer server = JdkHttpsServer.start(autoTls, 0);
            autoTls.whenCertsValid().toCompletableFuture().get(30, TimeUnit.SECONDS);
            HttpClient client =
                    HttpClient.newBuilder().sslContext(trusting(autoTls)).build();
            URI uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/");

            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(response.body()).isEqualTo("Hello over TLS\n");
            server.stop(0);
        }
    }

    @Test
    void nettyEchoServer_echoesOverTls() throws Exception {
        String endpoint = "local:" + directory + ":tcp:0:interface=127.0.0.1";
        try (ListeningPort port =
                NettyEchoServer.listen(endpoint).toCompletableFuture().get(30, TimeUnit.SECONDS)) {
            SSLContext context = trusting(port.autoTls().orElseThrow());
            int number = ((InetSocketAddress) port.localAddress()).getPort();
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", number)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName("localhost"))); // the JDK sends no name without a dot
                socket.setSSLParameters(parameters);
                socket.getOutputStream().write("echo".getBytes(US_ASCII));

                assertThat(socket.getInputStream().readNBytes(4)).isEqualTo("echo".getBytes(US_ASCII));
            }
        }
    }

    @Test
    void examples_areShort() throws Exception {
        Path source = Path.of("src/main/java/org/autotls/examples/JdkHttpsServer.java");

        assertThat(Files.readAllLines(source)).hasSizeLessThanOrEqualTo(40);
    }

    private static SSLContext trusting(AutoTls autoTls) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(autoTls.rootFile().orElseThrow())) {
            trusted.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
