package org.autotls.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

    private HttpEngine engine() throws IOException {
        Files.writeString(dir.resolve("index.html"), "hello");
        return HttpEngine.start(StaticSite.of(dir), StaticSite.PATHS);
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
