package org.autotls.responder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http01ServerTest {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Http01Responder responder = new Http01Responder(new ManualClock());
    private Http01Server server;

    Http01ServerTest() throws IOException {
        server = start(443);
    }

    private Http01Server start(int httpsPort) throws IOException {
        return start(httpsPort, Duration.ofSeconds(5));
    }

    private Http01Server start(int httpsPort, Duration deadline) throws IOException {
        return Http01Server.start(
                ANY_PORT, new PlainHttp(responder, host -> host.endsWith("ours.example"), httpsPort), deadline);
    }

    @BeforeEach
    void present() {
        responder.present(new Challenge("http-01", Identifier.of("a.ours.example"), "tok", "tok.key"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void K6_pendingChallenge_exactBodyAndHeaders() throws Exception {
        String reply = exchange("GET /.well-known/acme-challenge/tok HTTP/1.1\r\nHost: A.ours.example:80\r\n\r\n");
        assertThat(reply)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("Content-Type: application/octet-stream\r\n")
                .contains("X-Content-Type-Options: nosniff\r\n")
                .contains("Content-Length: 7\r\n")
                .endsWith("\r\n\r\ntok.key");
    }

    @Test
    void K7_head_noBody() throws Exception {
        assertThat(exchange("HEAD /.well-known/acme-challenge/tok HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .contains("Content-Length: 7\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void K4_unknownTokenOrHost_notFound() throws Exception {
        assertThat(exchange("GET /.well-known/acme-challenge/other HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                .startsWith("HTTP/1.1 404");
        assertThat(exchange("GET /.well-known/acme-challenge/tok HTTP/1.1\r\nHost: b.ours.example\r\n\r\n"))
                .startsWith("HTTP/1.1 404");
    }

    @Test
    void K5_ourHost_redirectedToHttps() throws Exception {
        assertThat(exchange("GET /a/b?c=d&e HTTP/1.1\r\nHost: A.ours.example.:80\r\n\r\n"))
                .startsWith("HTTP/1.1 301")
                .contains("\r\nLocation: https://a.ours.example/a/b?c=d&e\r\n");
        assertThat(exchange("GET //evil.example/x HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                .contains("\r\nLocation: https://a.ours.example//evil.example/x\r\n");
        assertThat(exchange("POST /form HTTP/1.1\r\nHost: a.ours.example\r\nContent-Length: 3\r\n\r\nabc"))
                .startsWith("HTTP/1.1 308");
        server.close();
        server = start(8443);
        assertThat(exchange("GET / HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                .contains("\r\nLocation: https://a.ours.example:8443/\r\n");
    }

    @Test
    void K5_foreignHost_isNeverRepeated() throws Exception {
        assertThat(exchange("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                .startsWith("HTTP/1.1 404")
                .doesNotContain("evil");
    }

    @Test
    void K2_badRequests_refused() throws Exception {
        assertThat(exchange("GET http://a.ours.example/ HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
        assertThat(exchange("GET / HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(exchange("GET / HTTP/1.1\r\nHost: a.ours.example\r\nHost: b.ours.example\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
        assertThat(exchange("GET /\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(exchange("GET /a\u0000b HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
        assertThat(exchange("GET / HTTP/1.1\r\nHost: a.ours.example\r\nX: " + "a".repeat(9000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
    }

    @Test
    void K7_slowClients_doNotStopOthers_andCloseDropsThem() throws Exception {
        server.close();
        server = start(443, Duration.ofHours(1)); // so that nothing but close() drops them
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Socket socket = new Socket(
                        server.address().getAddress(), server.address().getPort());
                socket.getOutputStream().write("GET /".getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            assertThat(exchange("GET /.well-known/acme-challenge/tok HTTP/1.1\r\nHost: a.ours.example\r\n\r\n"))
                    .endsWith("tok.key");
            server.close();
            server.close();
            for (Socket socket : slow) {
                socket.setSoTimeout(60_000);
                assertThat(read(socket)).isEmpty();
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void K8_portTaken_messageNamesIt() {
        assertThatThrownBy(() -> Http01Server.start(server.address(), new PlainHttp(responder, host -> true, 443)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(String.valueOf(server.address().getPort()));
    }

    private String exchange(String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return read(socket);
        }
    }

    private static String read(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (java.net.SocketException e) {
            return ""; // reset: closed all the same
        }
    }
}
