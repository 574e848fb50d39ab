package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code web} serves, over real TLS, and what it does not. */
class StaticSiteTest {

    @TempDir
    private static Path dir = Path.of("");

    private Front front = Unset.front();

    @BeforeEach
    void start() throws Exception {
        Path root = dir.resolve("root");
        if (!Files.exists(root)) {
            fill(Files.createDirectory(root));
        }
        front = Front.of(
                StaticSite.of(root, file -> !file.endsWith("unreadable.txt")), StaticSite.PATHS, dir.resolve("certs"));
    }

    @AfterEach
    void stop() {
        front.close();
    }

    private static void fill(Path root) throws Exception {
        Files.writeString(dir.resolve("secret.txt"), "secret");
        Files.writeString(root.resolve("index.html"), "<h1>hello</h1>");
        Files.writeString(root.resolve("style.css"), "body { color: black }");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(root.resolve("style.css.gz")))) {
            gzip.write("body { color: black }".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        Files.write(root.resolve("style.css.br"), new byte[] {1, 2, 3});
        Files.writeString(root.resolve("digits.txt"), "0123456789");
        Files.createDirectory(root.resolve("sub"));
        Files.writeString(root.resolve("sub").resolve("index.html"), "sub");
        Files.createDirectory(root.resolve("bare"));
        Files.writeString(root.resolve("bare").resolve("file"), "x");
        for (String hidden : new String[] {".git", ".well-known"}) {
            Files.createDirectory(root.resolve(hidden));
            Files.writeString(root.resolve(hidden).resolve("file"), hidden);
        }
        Files.writeString(root.resolve(".env"), "TOKEN=secret");
        Files.createSymbolicLink(root.resolve("out.txt"), dir.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("outdir"), dir);
        Files.createSymbolicLink(root.resolve("in.txt"), Path.of("digits.txt"));
        Files.writeString(root.resolve("a%20b"), "percent");
        Files.writeString(root.resolve("%2eenv"), "percent");
        Files.writeString(root.resolve("unreadable.txt"), "not for this user");
        // A socket is as little a file as a FIFO is, and Java can make one.
        Files.createDirectory(root.resolve("odd"));
        for (String name : new String[] {"socket", "odd/index.html", "digits.txt.gz"}) {
            try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.bind(UnixDomainSocketAddress.of(root.resolve(name)));
            }
        }
        Files.createDirectory(root.resolve("linked"));
        Files.createSymbolicLink(root.resolve("linked").resolve("index.html"), dir.resolve("secret.txt"));
    }

    @Test
    void index_overHttp2AndHttp1() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpResponse<String> answer = front.send(version, front.request("/"));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.body()).isEqualTo("<h1>hello</h1>");
            assertThat(answer.headers().firstValue("content-type")).contains("text/html");
            assertThat(answer.headers().firstValue("server")).isEmpty();
        }
        assertThat(front.get("/sub/").body()).isEqualTo("sub");
        assertThat(front.get("/sub").headers().firstValue("location")).contains("/sub/");
    }

    @Test
    void etag_unchanged_is304() throws Exception {
        String etag = front.get("/digits.txt").headers().firstValue("etag").orElseThrow();

        assertThat(front.get("/digits.txt", "If-None-Match", etag).statusCode()).isEqualTo(304);
        assertThat(front.get("/digits.txt", "If-None-Match", "W/\"other\"").statusCode())
                .isEqualTo(200);
    }

    @Test
    void range_isHonoured() throws Exception {
        HttpResponse<String> part = front.get("/digits.txt", "Range", "bytes=2-4");

        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("234");
        assertThat(part.headers().firstValue("content-range")).contains("bytes 2-4/10");
        assertThat(front.get("/digits.txt", "Range", "bytes=20-").statusCode()).isEqualTo(416);
    }

    @Test
    void precompressed_isSentToThoseWhoTakeIt() throws Exception {
        assertThat(front.get("/style.css", "Accept-Encoding", "gzip").headers().firstValue("content-encoding"))
                .contains("gzip");
        assertThat(front.get("/style.css", "Accept-Encoding", "gzip, br")
                        .headers()
                        .firstValue("content-encoding"))
                .contains("br");
        HttpResponse<String> plain = front.get("/style.css");
        assertThat(plain.body()).startsWith("body");
        assertThat(plain.headers().firstValue("vary").orElse("")).containsIgnoringCase("accept-encoding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/out.txt",
                "/outdir/secret.txt",
                "/.env",
                "/%2eenv",
                "/.git/file",
                "/sub/%2e%2e/.env",
                "/bare/",
                "/nothing",
                "/..%2fsecret.txt",
                "/%2e%2e/secret.txt",
                "/sub/..%2f..%2fsecret.txt",
                "/..%5csecret.txt",
                "/%00",
                "/..;/secret.txt",
                "/%252e%252e/secret.txt",
                "/..%252fsecret.txt",
                "/%252e%252e%252fsecret.txt",
                "/%252egit/file",
                "/linked/",
                "/linked/index.html",
                "/unreadable.txt",
                "/socket",
                "/odd/",
                "/odd/index.html",
                "/jetty-dir.css",
                "//../secret.txt",
                "/sub/../../secret.txt"
            })
    void hiddenAndOutside_areNotServed(String path) throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpResponse<String> answer = front.send(version, front.request(path));

            assertThat(answer.statusCode()).isIn(400, 403, 404);
            assertThat(answer.body())
                    .doesNotContainIgnoringCase("token=")
                    .doesNotContain("<li>", "Powered", dir.toString());
            assertThat(answer.body()).isNotEqualTo("secret");
        }
        String raw = front.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(raw).containsPattern("^HTTP/1.1 40[034] ");
    }

    @Test
    void percentInAName_isDecodedOnce() throws Exception {
        assertThat(front.get("/a%2520b").body()).isEqualTo("percent");
        assertThat(front.get("/%252eenv").body()).isEqualTo("percent");
        assertThat(front.get("/a%20b").statusCode()).isEqualTo(404);
    }

    @Test
    void precompressedThatIsNoFile_isPassedOver() throws Exception {
        HttpResponse<String> answer = front.get("/digits.txt", "Accept-Encoding", "gzip");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("0123456789");
    }

    @Test
    void error_saysNothingOfOurs() throws Exception {
        Handler failing = new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws IOException {
                throw new AccessDeniedException("/srv/secret/path");
            }
        };
        for (String type : new String[] {"text/html", "text/plain", "application/json"}) {
            try (Front broken = Front.of(failing, StaticSite.PATHS, dir.resolve("certs"))) {
                HttpResponse<String> answer = broken.get("/", "Accept", type);

                assertThat(answer.statusCode()).isEqualTo(500);
                assertThat(answer.body()).contains("500").doesNotContain("secret", "Denied", "java");
            }
        }
    }

    @Test
    void unchanged_304_hasTheHeadersOfThe200() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            for (String path : new String[] {"/style.css", "/digits.txt", "/"}) {
                HttpHeaders full = front.send(version, front.request(path)).headers();
                String etag = full.firstValue("etag").orElseThrow();
                String modified = full.firstValue("last-modified").orElseThrow();
                for (String[] condition :
                        new String[][] {{"If-None-Match", etag}, {"If-None-Match", "*"}, {"If-Modified-Since", modified}
                        }) {
                    HttpResponse<String> answer =
                            front.send(version, front.request(path).headers(condition));

                    assertThat(answer.statusCode()).as(path + condition[0]).isEqualTo(304);
                    assertThat(answer.headers().allValues("cache-control")).isEmpty();
                    for (String name : new String[] {"etag", "vary", "last-modified"}) {
                        assertThat(answer.headers().allValues(name))
                                .as(path + " " + condition[0] + " " + name)
                                .isEqualTo(full.allValues(name));
                    }
                    assertThat(answer.headers().allValues("content-length"))
                            .isIn(List.of(), full.allValues("content-length"));
                }
            }
        }
    }

    @Test
    void ifRange_onlyTheExactDate_givesAPart() throws Exception {
        HttpHeaders headers = front.get("/digits.txt").headers();
        String modified = headers.firstValue("last-modified").orElseThrow();
        String etag = headers.firstValue("etag").orElseThrow();

        HttpResponse<String> part = front.get("/digits.txt", "Range", "bytes=2-4", "If-Range", modified);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("234");
        for (String condition :
                new String[] {etag, "\"other\"", "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 2100 08:49:37 GMT", "x"
                }) {
            HttpResponse<String> whole = front.get("/digits.txt", "Range", "bytes=2-4", "If-Range", condition);
            assertThat(whole.statusCode()).as(condition).isEqualTo(200);
            assertThat(whole.body()).isEqualTo("0123456789");
        }
    }

    @Test
    void ifMatch_anyVersion_isThere() throws Exception {
        HttpResponse<String> any = front.get("/digits.txt", "If-Match", "*");
        assertThat(any.statusCode()).isEqualTo(200);
        assertThat(any.body()).isEqualTo("0123456789");
        assertThat(front.get("/digits.txt", "If-Match", "\"other\"").statusCode())
                .isEqualTo(412);
        assertThat(front.get("/none.txt", "If-Match", "*").statusCode()).isEqualTo(404);
    }

    @Test
    void range_inAnyCase_isOne() throws Exception {
        HttpResponse<String> part = front.get("/digits.txt", "Range", "Bytes=2-4");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("234");
    }

    @Test
    void range_thatIsToBeIgnored_isIgnored() throws Exception {
        HttpResponse<String> unknown = front.get("/digits.txt", "Range", "items=0-5");
        assertThat(unknown.statusCode()).isEqualTo(200);
        assertThat(unknown.body()).isEqualTo("0123456789");
        HttpResponse<String> head = front.send(
                HttpClient.Version.HTTP_1_1,
                front.request("/digits.txt")
                        .header("Range", "bytes=2-4")
                        .method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("content-length")).contains("10");
    }

    @Test
    void linkInside_andWellKnown_areServed() throws Exception {
        assertThat(front.get("/in.txt").body()).isEqualTo("0123456789");
        assertThat(front.get("/.well-known/file").body()).isEqualTo(".well-known");
    }

    @Test
    void otherMethods_are405() throws Exception {
        HttpResponse<String> answer = front.send(
                HttpClient.Version.HTTP_2, front.request("/index.html").POST(HttpRequest.BodyPublishers.ofString("x")));

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).contains("GET, HEAD");
        HttpResponse<String> head = front.send(
                HttpClient.Version.HTTP_1_1,
                front.request("/digits.txt").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.headers().firstValue("content-length")).contains("10");
    }
}
