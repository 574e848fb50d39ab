package org.autotls.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.util.NetUtil;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.autotls.testkit.RefusingPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TlsTerminatorTest {

    private static final int LARGE = 20_000_000;

    @TempDir
    Path temporary;

    private final List<AutoCloseable> open = new ArrayList<>();
    private ServerSocket backend;

    @BeforeEach
    void openBackend() throws IOException {
        backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        backend.setSoTimeout(EndpointClient.TIMEOUT_MILLIS);
        open.add(backend);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "local"})
    void relay_largeBothWays_arrivesWhole(String kind) throws Exception {
        ListeningPort port = listen(kind, toBackend());
        byte[] request = random(1);
        byte[] response = random(2);

        Socket client = connect(kind, port);
        try (client;
                Socket server = accept(client)) {
            CompletableFuture<Void> sent = writing(client, request);
            CompletableFuture<Void> answered = writing(server, response);
            CompletableFuture<byte[]> atServer = reading(server, LARGE);

            assertThat(client.getInputStream().readNBytes(LARGE)).isEqualTo(response);
            assertThat(atServer.get(30, TimeUnit.SECONDS)).isEqualTo(request);
            sent.get(10, TimeUnit.SECONDS);
            answered.get(10, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "local"})
    void relay_slowReader_holdsTheWriterBack(String kind) throws Exception {
        ListeningPort port = listen(kind, toBackend());
        Socket client = connect(kind, port);
        try (client;
                Socket server = accept(client)) {
            byte[] much = new byte[200_000_000];

            CompletableFuture<Void> writing = writing(server, much);

            // Kernel buffers take some megabytes. Without back-pressure the relay would take all of it.
            assertThat(writing).failsWithin(Duration.ofSeconds(3));
            server.close();
        }
    }

    @Test
    void relay_clientEndsItsOutput_backendStillAnswers() throws Exception {
        ListeningPort port = listen("tcp", toBackend());
        try (Socket client = EndpointClient.plain(port.localAddress());
                Socket server = backend.accept()) {
            client.getOutputStream().write("ask".getBytes(US_ASCII));
            client.shutdownOutput();

            assertThat(server.getInputStream().readAllBytes()).isEqualTo("ask".getBytes(US_ASCII));
            server.getOutputStream().write("answer".getBytes(US_ASCII));
            server.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).isEqualTo("answer".getBytes(US_ASCII));
        }
    }

    @Test
    void relay_tls_backendEndsItsOutput_clientGetsAllAndCloseNotify() throws Exception {
        ListeningPort port = listen("local", toBackend());
        try (Socket client = connect("local", port);
                Socket server = accept(client)) {
            server.getOutputStream().write("bye".getBytes(US_ASCII));
            server.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).isEqualTo("bye".getBytes(US_ASCII));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "local"})
    void relay_clientGone_backendIsClosed(String kind) throws Exception {
        ListeningPort port = listen(kind, toBackend());
        Socket client = connect(kind, port);
        try (Socket server = accept(client)) {
            client.close();

            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void relay_nothingSentForTheIdleTime_closesBoth() throws Exception {
        ListeningPort port = listen("tcp", toBackend().withIdleTime(Duration.ofMillis(200)));
        try (Socket client = EndpointClient.plain(port.localAddress());
                Socket server = backend.accept()) {
            server.setSoTimeout(EndpointClient.TIMEOUT_MILLIS);

            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void connect_backendDown_closesTheClient() throws Exception {
        try (RefusingPort nobody = RefusingPort.open()) {
            ListeningPort port = listen("local", TlsTerminator.toTcp("127.0.0.1", nobody.number()));
            try (Socket client = connect("local", port)) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void toTcp_byName_reachesTheBackend_andANameThatNobodyHasClosesTheClient() throws Exception {
        ListeningPort port = listen("tcp", TlsTerminator.toTcp("localhost", backend.getLocalPort()));
        try (Socket client = EndpointClient.plain(port.localAddress());
                Socket server = backend.accept()) {
            client.getOutputStream().write('x');
            assertThat(server.getInputStream().read()).isEqualTo('x');
        }
        ListeningPort lost = listen("tcp", TlsTerminator.toTcp("no such host", 80));
        try (Socket client = EndpointClient.plain(lost.localAddress())) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void withProxyProtocol_tellsAddressesServerNameAlpnAndVersion() throws Exception {
        ListeningPort port = listen(
                AutoTlsEndpoint.parse("local:" + temporary.resolve("certs") + ":tcp:0:interface=127.0.0.1")
                        .withApplicationProtocols("h2", "http/1.1"),
                toBackend().withProxyProtocol());
        try (SSLSocket client = client(port).connect(port.localAddress(), "localhost", "h2");
                Socket server = backend.accept()) {
            client.getOutputStream().write('x');
            DataInputStream in = new DataInputStream(server.getInputStream());

            byte[] signature = in.readNBytes(12);
            assertThat(signature).isEqualTo(new byte[] {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10});
            assertThat(in.readUnsignedByte()).isEqualTo(0x21); // version 2, PROXY
            assertThat(in.readUnsignedByte()).isEqualTo(0x11); // TCP over IPv4
            byte[] rest = in.readNBytes(in.readUnsignedShort());
            ByteBuffer header = ByteBuffer.wrap(rest);
            assertThat(header.getInt()).isEqualTo(0x7f000001);
            assertThat(header.getInt()).isEqualTo(0x7f000001);
            assertThat(Short.toUnsignedInt(header.getShort())).isEqualTo(client.getLocalPort());
            assertThat(Short.toUnsignedInt(header.getShort())).isEqualTo(client.getPort());
            assertThat(tlvs(header)).containsExactly("1 h2", "2 localhost", "32 \\1\\0\\0\\0\\1!\\0\\7TLSv1.3");
            assertThat(in.read()).isEqualTo('x');
        }
    }

    @Test
    void withProxyProtocol_behindHaproxy_passesTheClientOn() throws Exception {
        ListeningPort port =
                listen(AutoTlsEndpoint.parse("haproxy:tcp:0"), toBackend().withProxyProtocol());
        try (Socket client = EndpointClient.plain(port.localAddress())) {
            client.getOutputStream().write("PROXY TCP4 192.0.2.1 198.51.100.7 1234 443\r\nx".getBytes(US_ASCII));
            try (Socket server = backend.accept()) {
                byte[] header = server.getInputStream().readNBytes(16 + 12);
                assertThat(Arrays.copyOfRange(header, 16, 28)).isEqualTo(new byte[] {
                    (byte) 192, 0, 2, 1, (byte) 198, 51, 100, 7, 1234 >> 8, (byte) 1234, 1, (byte) 443
                });
                assertThat(server.getInputStream().read()).isEqualTo('x');
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "::ffff:192.0.2.1, 2001:db8::7",
        "2001:db8::7, ::ffff:192.0.2.1",
    })
    void proxyProtocol_ofTwoFamilies_isAllIpv6(String from, String to) throws Exception {
        ListeningPort port =
                listen(AutoTlsEndpoint.parse("haproxy:tcp:0"), toBackend().withProxyProtocol());
        try (Socket client = EndpointClient.plain(port.localAddress())) {
            client.getOutputStream().write(("PROXY TCP6 " + from + " " + to + " 1234 443\r\nx").getBytes(US_ASCII));
            try (Socket server = backend.accept()) {
                server.setSoTimeout(EndpointClient.TIMEOUT_MILLIS);
                byte[] header = server.getInputStream().readNBytes(16 + 36);
                assertThat(header[12]).as("version 2, PROXY").isEqualTo((byte) 0x21);
                assertThat(header[13]).as("TCP over IPv6").isEqualTo((byte) 0x21);
                assertThat(Arrays.copyOfRange(header, 16, 32))
                        .isEqualTo(NetUtil.createByteArrayFromIpAddressString(from));
                assertThat(Arrays.copyOfRange(header, 32, 48))
                        .isEqualTo(NetUtil.createByteArrayFromIpAddressString(to));
                assertThat(ByteBuffer.wrap(header, 48, 4).getInt()).isEqualTo(1234 << 16 | 443);
                assertThat(server.getInputStream().read()).isEqualTo('x');
            }
        }
    }

    @Test
    void proxyProtocol_ofAClientOnAUnixSocket_isLocal() throws Exception {
        Path path = temporary.resolve("front");
        listen(AutoTlsEndpoint.parse("unix:" + path), toBackend().withProxyProtocol());
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(ByteBuffer.wrap("x".getBytes(US_ASCII)));
            try (Socket server = backend.accept()) {
                byte[] header = server.getInputStream().readNBytes(16);
                assertThat(header[12]).as("version 2, LOCAL").isEqualTo((byte) 0x20);
                assertThat(header[13]).as("no family").isEqualTo((byte) 0);
            }
        }
    }

    @Test
    void toUnix_reachesABackendInTheFileSystem() throws Exception {
        Path path = temporary.resolve("backend");
        try (ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(UnixDomainSocketAddress.of(path));
            ListeningPort port = listen("local", TlsTerminator.toUnix(path));
            try (Socket client = connect("local", port);
                    SocketChannel server = unix.accept()) {
                client.getOutputStream().write("ab".getBytes(US_ASCII));

                ByteBuffer read = ByteBuffer.allocate(2);
                while (read.hasRemaining()) {
                    assertThat(server.read(read)).isPositive();
                }
                assertThat(read.array()).isEqualTo("ab".getBytes(US_ASCII));
            }
        }
    }

    @Test
    void to_badArguments_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsTerminator.toTcp("localhost", 0))
                .withMessageContaining("port 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsTerminator.toTcp("localhost", 1).withIdleTime(Duration.ZERO))
                .withMessageContaining("idle time");
    }

    private TlsTerminator toBackend() {
        return TlsTerminator.toTcp("127.0.0.1", backend.getLocalPort());
    }

    private ListeningPort listen(String kind, TlsTerminator terminator) throws Exception {
        String prefix = kind.equals("tcp") ? "" : kind + ":" + temporary.resolve("certs") + ":";
        return listen(AutoTlsEndpoint.parse(prefix + "tcp:0:interface=127.0.0.1"), terminator);
    }

    private ListeningPort listen(AutoTlsEndpoint endpoint, TlsTerminator terminator) throws Exception {
        ListeningPort port = endpoint.listen(terminator).toCompletableFuture().get(30, TimeUnit.SECONDS);
        open.add(port);
        return port;
    }

    private static EndpointClient client(ListeningPort port) throws Exception {
        return new EndpointClient(port.autoTls().orElseThrow().rootFile().orElseThrow());
    }

    private static Socket connect(String kind, ListeningPort port) throws Exception {
        return kind.equals("tcp")
                ? EndpointClient.plain(port.localAddress())
                : client(port).connect(port.localAddress(), "localhost");
    }

    private Socket accept(Socket client) throws IOException {
        assertThat(client.isConnected()).isTrue();
        Socket server = backend.accept();
        server.setSoTimeout(EndpointClient.TIMEOUT_MILLIS);
        return server;
    }

    private static CompletableFuture<Void> writing(Socket socket, byte[] content) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        OutputStream out = socket.getOutputStream();
                        out.write(content);
                        out.flush();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    private static CompletableFuture<byte[]> reading(Socket socket, int length) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        InputStream in = socket.getInputStream();
                        return in.readNBytes(length);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    private static byte[] random(long seed) {
        byte[] content = new byte[LARGE];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static List<String> tlvs(ByteBuffer header) {
        List<String> tlvs = new ArrayList<>();
        while (header.hasRemaining()) {
            StringBuilder tlv = new StringBuilder().append(header.get()).append(' ');
            byte[] value = new byte[header.getShort()];
            header.get(value);
            for (byte b : value) {
                tlv.append(b >= ' ' ? "" + (char) b : "\\" + b);
            }
            tlvs.add(tlv.toString());
        }
        return tlvs;
    }
}
