package org.autotls.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.endpoint.EndpointParsers;
import org.autotls.netty.AutoTlsEndpoint;
import org.autotls.netty.ListeningPort;
import org.autotls.netty.TlsTerminator;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;

/** A handler behind the real thing: TLS by the endpoint with the embedded CA, then the engine on its unix socket. */
final class Front implements AutoCloseable {

    private final HttpEngine engine;
    private final ListeningPort port;
    private final SSLContext trusting;

    private Front(HttpEngine engine, ListeningPort port, SSLContext trusting) {
        this.engine = engine;
        this.port = port;
        this.trusting = trusting;
    }

    static Front of(Handler handler, UriCompliance paths, Path certs) throws Exception {
        HttpEngine engine = HttpEngine.start(handler, paths, HttpEngine.TEMPORARY);
        AutoTlsBuilder builder = AutoTls.at(certs).local();
        ListeningPort port = AutoTlsEndpoint.of(
                        EndpointParsers.standard()
                                .parse("tcp:0:interface=127.0.0.1")
                                .address(),
                        builder)
                .withApplicationProtocols("h2", "http/1.1")
                .listen(TlsTerminator.toUnix(engine.socket()).withProxyProtocol())
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        return new Front(engine, port, trust(certs.resolve("local-ca.crt")));
    }

    int tcpPort() {
        return ((InetSocketAddress) port.localAddress()).getPort();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + tcpPort() + path))
                .timeout(Duration.ofSeconds(20));
    }

    HttpResponse<String> send(HttpClient.Version version, HttpRequest.Builder request) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(trusting).version(version).build();
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        return send(HttpClient.Version.HTTP_2, headers.length == 0 ? request : request.headers(headers));
    }

    /** Sends text as it stands, and reads until the server closes. */
    String raw(String text) throws Exception {
        try (SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket("localhost", tcpPort())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("localhost"))); // not sent by itself without a dot
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        port.close();
        engine.close();
    }

    private static SSLContext trust(Path root) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(root)) {
            trusted.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
