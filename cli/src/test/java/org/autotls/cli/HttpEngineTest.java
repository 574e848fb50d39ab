package org.autotls.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine does for clients that have no address, as those of {@code unix:} endpoints. */
@Timeout(60)
class HttpEngineTest {

    /** PROXY protocol, version 2, LOCAL: the connection's own addresses count, which are those of a unix socket. */
    private static final byte[] LOCAL = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a20000000");

    private static final int HEADERS = 1;

    @TempDir
    private Path dir = Path.of("");

    @Test
    void clientWithoutAddress_isAnsweredInHttp1() throws Exception {
        byte[] request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

        try (HttpEngine engine = engine();
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(engine.socket()))) {
            DataInputStream answer = send(client, request);
            assertThat(new String(answer.readAllBytes(), US_ASCII)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void clientWithoutAddress_isAnsweredInHttp2() throws Exception {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        request.writeBytes(HexFormat.of().parseHex("000000040000000000")); // SETTINGS
        // HEADERS that end the stream 1: GET, https, /, localhost (RFC 7541, appendix A).
        request.writeBytes(HexFormat.of().parseHex("00000e010500000001" + "828784" + "4109"));
        request.writeBytes("localhost".getBytes(US_ASCII));

        try (HttpEngine engine = engine();
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(engine.socket()))) {
            DataInputStream answer = send(client, request.toByteArray());
            assertThat(headers(answer))
                    .as(":status 200, perhaps behind a new table size (RFC 7541, 6.1 and 6.3)")
                    .matches("(3f(..){2})?88.*");
        }
    }

    /** Over HTTP/2 a path or query can hold what would end the first line of the request that goes to the origin. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a b",
                "/a\r\nX: y",
                "/?a b",
                "/?a HTTP/1.1\r\nX: y\r\n\r\n",
                "//a b",
                "//a?b\r\nX: y",
                "/a?b\nX: y",
                "/a#b c\r\n",
                "*\r\n"
            })
    void pathOfHttp2_cannotEndTheLine(String path) throws Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(HexFormat.of().parseHex("828704")); // GET, https, and :path, not indexed
        block.write(path.length());
        block.writeBytes(path.getBytes(US_ASCII));
        block.writeBytes(HexFormat.of().parseHex("4109"));
        block.writeBytes("localhost".getBytes(US_ASCII));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        request.writeBytes(HexFormat.of().parseHex("000000040000000000")); // SETTINGS
        request.writeBytes(new byte[] {0, 0, (byte) block.size(), 1, 5, 0, 0, 0, 1});
        request.writeBytes(block.toByteArray());

        AtomicReference<String> seen = new AtomicReference<>("");
        HttpServer origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        origin.createContext("/", exchange -> {
            seen.set(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().keySet());
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        origin.start();
        URI uri = URI.create("http://127.0.0.1:" + origin.getAddress().getPort());
        try (HttpEngine engine = HttpEngine.start(new ReverseProxy(uri), ReverseProxy.PATHS, HttpEngine.TEMPORARY);
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(engine.socket()))) {
            DataInputStream answer = send(client, request.toByteArray());
            assertThat(headers(answer))
                    .as(":status 400; the origin saw " + seen.get())
                    .matches("(3f(..){2})?8c.*");
            assertThat(seen.get()).isEmpty();
        } finally {
            origin.stop(0);
        }
    }

    private HttpEngine engine() throws IOException {
        Files.writeString(dir.resolve("index.html"), "hello");
        return HttpEngine.start(StaticSite.of(dir), StaticSite.PATHS, HttpEngine.TEMPORARY);
    }

    private static DataInputStream send(SocketChannel client, byte[] request) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(LOCAL.length + request.length)
                .put(LOCAL)
                .put(request)
                .flip();
        while (all.hasRemaining()) {
            client.write(all);
        }
        return new DataInputStream(Channels.newInputStream(client));
    }

    private static String headers(DataInputStream answer) throws IOException {
        while (true) {
            int length = answer.readUnsignedByte() << 16 | answer.readUnsignedShort();
            int type = answer.readUnsignedByte();
            answer.readUnsignedByte();
            answer.readInt();
            byte[] payload = answer.readNBytes(length);
            if (type == HEADERS) {
                return HexFormat.of().formatHex(payload);
            }
        }
    }
}
