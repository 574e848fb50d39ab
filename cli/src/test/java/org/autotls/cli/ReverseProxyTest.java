package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code proxy --to http://…} passes on, over real TLS, to the JDK's own server. */
class ReverseProxyTest {

    private static final int BIG = 8 << 20;

    @TempDir
    private static Path dir = Path.of("");

    private volatile Headers seen = new Headers();
    private HttpServer origin = Unset.server();
    private Front front = Unset.front();

    @BeforeEach
    void start() throws Exception {
        origin = startOrigin(FreePorts.next()); // one that nobody else is given while the origin is down
        URI uri = URI.create("http://127.0.0.1:" + origin.getAddress().getPort());
        front = Front.of(new ReverseProxy(uri), ReverseProxy.PATHS, dir.resolve("certs"));
    }

    @AfterEach
    void stop() {
        front.close();
        origin.stop(0);
    }

    private HttpServer startOrigin(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 50);
        server.createContext("/", this::answer);
        server.start();
        return server;
    }

    private void answer(HttpExchange exchange) throws IOException {
        seen = exchange.getRequestHeaders();
        long length = 0;
        byte[] buffer = new byte[8192];
        for (int n = exchange.getRequestBody().read(buffer);
                n >= 0;
                n = exchange.getRequestBody().read(buffer)) {
            length += n;
        }
        boolean big = exchange.getRequestURI().getPath().equals("/big");
        byte[] body = big
                ? new byte[BIG]
                : (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + length)
                        .getBytes(StandardCharsets.ISO_8859_1);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void headers_sayWhoAsked_whateverTheClientClaims() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpRequest.Builder request = front.request("/a%20b?c=%7Bd%7D")
                    .headers(
                            "X-Forwarded-For", "6.6.6.6", "Forwarded", "for=6.6.6.6", "Proxy", "evil", "X-Own", "kept");

            HttpResponse<String> answer = front.send(version, request);

            String host = "localhost:" + front.tcpPort();
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.body()).isEqualTo("GET /a%20b?c=%7Bd%7D 0");
            assertThat(seen.get("X-Forwarded-For")).containsExactly("127.0.0.1");
            assertThat(seen.get("X-Forwarded-Proto")).containsExactly("https");
            assertThat(seen.get("X-Forwarded-Host")).containsExactly(host);
            assertThat(seen.get("Host")).containsExactly(host);
            assertThat(seen.get("Forwarded")).containsExactly("for=127.0.0.1;host=\"" + host + "\";proto=https");
            assertThat(seen.getFirst("Proxy")).isNull();
            assertThat(seen.getFirst("X-Own")).isEqualTo("kept");
        }
    }

    /** RFC 9113 §8.2.3: HTTP/2 may split the field, and what knows HTTP/1.1 only must not see that. */
    @Test
    void cookies_inSeveralFields_areJoined() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            front.send(version, front.request("/").headers("Cookie", "a=1; b=2", "Cookie", "c=3", "X-Own", "kept"));

            assertThat(seen.get("Cookie")).containsExactly("a=1; b=2; c=3");
            assertThat(seen.get("X-Own")).containsExactly("kept");

            front.send(version, front.request("/"));

            assertThat(seen.containsKey("Cookie")).isFalse();
        }
    }

    @Test
    void forwardingHeaders_inOtherSpellings_areDropped() throws Exception {
        String answer = front.raw(String.join(
                "\r\n",
                "GET / HTTP/1.1",
                "Host: localhost",
                "X_Forwarded_For: 6.6.6.6",
                "x-forwarded_for: 6.6.6.6",
                "X-Forwarded-Prefix: /evil",
                "X-Forwarded-Ssl: off",
                "X_Real_IP: 6.6.6.6",
                "X_Own: kept",
                "Connection: close",
                "",
                ""));

        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(seen.get("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(seen.get("X_Own")).containsExactly("kept");
        assertThat(seen.keySet())
                .doesNotContain(
                        "X_forwarded_for", "X-forwarded_for", "X-forwarded-prefix", "X-forwarded-ssl", "X_real_ip");
    }

    /** Jetty answers them with 400 of its own accord. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a%2fb",
                "/@scope%2fpkg",
                "//a//b",
                "//a:b:c/d?e=//f",
                "/a//b",
                "/a%25b",
                "/a%5cb",
                "/%e4",
                "/%C3",
                "/%09x",
                "/a;b=c/..;d/e",
                "/a/%2e%2e/b",
                "/a?b=%2f&c=+%20&&d"
            })
    void path_reachesTheOriginAsItCame(String path) throws Exception {
        String http1 = front.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(http1).startsWith("HTTP/1.1 200 ").endsWith("GET " + path + " 0");
        if (!path.startsWith("//")) { // of which the JDK's client would make a host
            HttpResponse<String> http2 = front.send(HttpClient.Version.HTTP_2, front.request(path));
            assertThat(http2.body()).isEqualTo("GET " + path + " 0");
        }
    }

    @Test
    void targetWithoutAPath_isTheRoot() throws Exception {
        String answer = front.raw("GET https://localhost HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("GET / 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\tb", "/a%zz", "/a%2", "/../b", "/a#b"})
    void path_thatNoUrlHas_isRefused(String path) throws Exception {
        String answer = front.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void node_isWhatRfc7239Says() {
        assertThat(ReverseProxy.node("192.0.2.1")).isEqualTo("192.0.2.1");
        assertThat(ReverseProxy.node("2001:db8::1")).isEqualTo("\"[2001:db8::1]\"");
        assertThat(ReverseProxy.node("")).as("on a unix socket").isEqualTo("unknown");
    }

    @Test
    void bigBodies_passBothWays() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            assertThat(front.send(version, front.request("/big")).body()).hasSize(BIG);
            assertThat(front.send(
                                    version,
                                    front.request("/up").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[BIG])))
                            .body())
                    .isEqualTo("POST /up " + BIG);
        }
    }

    @Test
    void body_ofUnknownLength_passes() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpRequest.BodyPublisher unknown =
                    HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[100_000]));

            assertThat(front.send(version, front.request("/up").PUT(unknown)).body())
                    .isEqualTo("PUT /up 100000");
            assertThat(front.send(version, front.request("/up").DELETE()).body())
                    .isEqualTo("DELETE /up 0");
        }
    }

    @Test
    void oddCharacters_inTheQuery_passAsTheyAre() throws Exception {
        String answer = front.raw("GET /x?a={b}|c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 ");
        assertThat(answer).doesNotStartWith("HTTP/1.1 500");
    }

    @Test
    void webSocket_isRefusedWithAReason() throws Exception {
        String answer = front.raw(String.join(
                "\r\n",
                "GET /ws HTTP/1.1",
                "Host: localhost",
                "Connection: Upgrade, close",
                "Upgrade: websocket",
                "",
                ""));

        assertThat(answer).startsWith("HTTP/1.1 501 ").contains("--to tcp:HOST:PORT");
    }

    @Test
    void originDown_is502_andWorksWhenItIsBack() throws Exception {
        int port = origin.getAddress().getPort();
        origin.stop(0);

        HttpResponse<String> down = front.get("/");
        assertThat(down.statusCode()).isEqualTo(502);
        assertThat(down.body()).contains("the origin does not answer");

        origin = startOrigin(port);
        assertThat(front.get("/").statusCode()).isEqualTo(200);
    }
}
