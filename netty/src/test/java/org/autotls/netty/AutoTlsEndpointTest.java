package org.autotls.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.autotls.endpoint.ListenAddress;
import org.autotls.endpoint.ListenAddress.Family;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.Await;
import org.autotls.testkit.FakeIssuer;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AutoTlsEndpointTest {

    @TempDir
    Path temporary;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    @Test
    void listen_local_issuesLocalhostAndServesIt() throws Exception {
        Path directory = temporary.resolve("certs");

        ListeningPort port = listen(AutoTlsEndpoint.parse("local:" + directory + ":tcp:0:interface=127.0.0.1"));

        assertThat(echo(client(port).connect(port.localAddress(), "localhost"), "hello"))
                .isEqualTo("hello");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(directory.resolve("localhost.pem")).isNotEmptyFile();
    }

    @Test
    void K5_httpPort_redirectsToThePortThatServes() throws Exception {
        int http = FreePorts.next();
        ListeningPort port =
                listen(AutoTlsEndpoint.parse("local:" + temporary.resolve("certs") + ":tcp:0:interface=127.0.0.1")
                        .configure(builder -> builder.httpPort(http)));

        int served = ((InetSocketAddress) port.localAddress()).getPort();
        assertThat(location(http, "localhost:" + http, "/a?b")).isEqualTo("https://localhost:" + served + "/a?b");
        assertThat(location(http, "localhost", "//evil.example/"))
                .isIn("", "https://localhost:" + served + "//evil.example/");
        assertThat(location(http, "evil.example", "/")).isEmpty();
        assertThat(location(http, "localhost@evil.example", "/")).isEmpty();
    }

    @Test
    void httpPort_behindALoadBalancerOrToldOtherwise_redirectsElsewhere() throws Exception {
        int http = FreePorts.next();
        ListeningPort balanced = listen(
                AutoTlsEndpoint.parse("local:" + temporary.resolve("certs") + ":haproxy:tcp:0:interface=127.0.0.1")
                        .configure(builder -> builder.httpPort(http)));
        assertThat(location(http, "localhost", "/")).isEqualTo("https://localhost/");
        balanced.close();

        int another = FreePorts.next();
        listen(AutoTlsEndpoint.parse("local:" + temporary.resolve("certs") + ":tcp:0:interface=127.0.0.1")
                .configure(builder -> builder.httpPort(another).httpsPort(9443)));
        assertThat(location(another, "localhost", "/")).isEqualTo("https://localhost:9443/");
    }

    /** Where plain http is sent on to; empty if it is not. */
    private static String location(int port, String host, String target) throws IOException {
        try (Socket socket = EndpointClient.plain(new InetSocketAddress(port))) {
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith("Location: "))
                    .map(line -> line.substring("Location: ".length()))
                    .findFirst()
                    .orElse("");
        }
    }

    @Test
    void listen_unknownName_refused() throws Exception {
        ListeningPort port = listen(local());

        assertThatThrownBy(() -> client(port).connect(port.localAddress(), "other.example"))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("unrecognized_name");
    }

    @Test
    void listen_applicationProtocols_areNegotiated() throws Exception {
        ListeningPort port = listen(local().withApplicationProtocols("h2", "http/1.1"));

        try (SSLSocket socket = client(port).connect(port.localAddress(), "localhost", "http/1.1")) {
            assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    @Test
    void close_stopsPortAndService() throws Exception {
        // One that no connection made meanwhile is given: it would not be refused.
        int number = FreePorts.next();
        ListeningPort port = listen(AutoTlsEndpoint.parse(
                "local:" + temporary.resolve("certs") + ":tcp:" + number + ":interface=127.0.0.1"));
        AutoTls autoTls = port.autoTls().orElseThrow();

        port.close();

        port.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThatThrownBy(() -> EndpointClient.plain(port.localAddress())).isInstanceOf(ConnectException.class);
        assertThat(autoTls.service()
                        .orElseThrow()
                        .issueCert(Subject.of("a.example"))
                        .toCompletableFuture())
                .failsWithin(Duration.ofSeconds(10));
    }

    @Test
    void drain_acceptsNothingNewAndWaitsForTheOthers() throws Exception {
        int number = FreePorts.next(); // see above
        ListeningPort port = listen(AutoTlsEndpoint.parse(
                "local:" + temporary.resolve("certs") + ":tcp:" + number + ":interface=127.0.0.1"));
        SocketAddress where = port.localAddress();
        Socket before = client(port).connect(where, "localhost");

        CompletableFuture<Void> drained = port.drain().toCompletableFuture();

        Await.until(() -> isRefused(where));
        assertThat(drained).isNotDone();
        assertThat(echo(before, "still here")).isEqualTo("still here");
        assertThat(drained).succeedsWithin(Duration.ofMinutes(1));
        assertThat(port.closed().toCompletableFuture()).isNotDone();
    }

    private static boolean isRefused(SocketAddress where) {
        try (Socket socket = EndpointClient.plain(where)) {
            return !socket.isConnected();
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void listen_cancelledWhileTheCaIsAwaited_closesThePort() throws Exception {
        int number = FreePorts.next();
        FakeIssuer issuer = new FakeIssuer(new TestCa(), InstantSource.system(), Duration.ofDays(9));
        issuer.hang();
        AutoTlsBuilder builder = AutoTls.at(temporary).issuer(() -> issuer).names("a.example");
        CompletableFuture<ListeningPort> listening = AutoTlsEndpoint.of(ListenAddress.Tcp.port(number), builder)
                .listen(new Echo())
                .toCompletableFuture();
        Await.until(() -> issuer.inFlight() > 0);

        assertThat(listening.cancel(false)).isTrue();

        // The port may have been about to listen when it was cancelled; then it is closed a moment later.
        Await.threadsEnded("autotls-start");
        Await.until(() -> isFree(number));
    }

    private static boolean isFree(int number) {
        try (ServerSocket free = new ServerSocket(number)) {
            return free.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void listen_portTaken_saysWhichAndLeavesNothing() throws Exception {
        Path directory = temporary.resolve("certs");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String text = "local:" + directory + ":tcp:" + taken.getLocalPort() + ":interface=127.0.0.1";

            ListenException failure = failure(AutoTlsEndpoint.parse(text), ListenException.class);

            assertThat(failure)
                    .hasMessageContaining("port " + taken.getLocalPort() + " is taken by another program")
                    .hasMessageContaining("ss -ltnp");
            assertThat(directory).doesNotExist();
        }
    }

    @Test
    void listen_noSuchInterface_saysSo() {
        assertThat(failure(AutoTlsEndpoint.parse("tcp:0:interface=192.0.2.77"), ListenException.class))
                .hasMessageContaining("no such interface");
    }

    @Test
    void listen_directoryMissing_bindsNothing() {
        Path directory = temporary.resolve("absent");

        assertThat(failure(AutoTlsEndpoint.parse("txsni:" + directory + ":tcp:0"), StoreException.class))
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("does not exist");
    }

    @Test
    void listen_readOnly_servesWhatAnotherProcessWritesWithinASecondOrSo() throws Exception {
        TestCa ca = new TestCa();
        Path root = Files.writeString(temporary.resolve("root.crt"), pem(ca));
        Path directory = Files.createDirectory(temporary.resolve("certs"));
        java.time.Instant present = org.autotls.Scheduler.system().instant(); // what is served has to be valid now
        ManualClock clock = new ManualClock(present);
        DirectoryStore writer = DirectoryStore.open(directory, clock);
        ListeningPort port = listen(AutoTlsEndpoint.parse("txsni:" + directory + ":tcp:0"));
        EndpointClient client = new EndpointClient(root);
        assertThatThrownBy(() -> client.connect(port.localAddress(), "a.example"))
                .isInstanceOf(IOException.class);

        Subject subject = Subject.of("a.example");
        writer.save(
                subject,
                ca.issue(present.minusSeconds(60), Duration.ofDays(90), "a.example"),
                org.autotls.Revision.NONE);

        assertThat(echo(connectSoon(client, port.localAddress(), "a.example"), "read"))
                .isEqualTo("read");
        assertThat(port.autoTls().orElseThrow().service()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void listen_unix_makesSocketWithModeAndRemovesIt(Transport transport) throws Exception {
        Path path = temporary.resolve("socket");
        ListenAddress address = new ListenAddress.Unix(path, 0600, 16, false);

        ListeningPort port = listen(endpoint(address, transport, InheritedSockets.ofThisProcess()));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(echoUnix(path)).isEqualTo("hi");
        assertThat(failure(endpoint(address, transport, InheritedSockets.ofThisProcess()), ListenException.class))
                .hasMessageContaining("in use by another program");
        port.close();
        port.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(path).doesNotExist();
    }

    @Test
    void listen_unix_replacesTheSocketOfAKilledServerButNoOtherFile() throws Exception {
        Path stale = temporary.resolve("stale");
        try (var dead = java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(stale));
        }
        Path file = Files.writeString(temporary.resolve("file"), "precious");

        listen(AutoTlsEndpoint.parse("unix:" + stale));

        assertThat(echoUnix(stale)).isEqualTo("hi");
        assertThat(failure(AutoTlsEndpoint.parse("unix:" + file), ListenException.class))
                .hasMessageContaining("exists and is not a socket");
        assertThat(file).hasContent("precious");
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void listen_haproxy_takesTheHeaderOffBeforeTls(Transport transport) throws Exception {
        LinkedBlockingQueue<SocketAddress> seen = new LinkedBlockingQueue<>();
        AutoTlsBuilder builder = AutoTls.at(temporary).local();
        ListenAddress address = ListenAddress.Tcp.port(0).withProxyProtocol();
        ListeningPort port = listen(
                new AutoTlsEndpoint(address, builder, List.of(), transport, InheritedSockets.ofThisProcess()),
                new Sources(seen));

        Socket socket = EndpointClient.plain(port.localAddress());
        socket.getOutputStream().write("PROXY TCP4 192.0.2.1 198.51.100.7 1234 443\r\n".getBytes(US_ASCII));
        assertThat(echo(client(port).over(socket, "localhost"), "v1")).isEqualTo("v1");

        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(new InetSocketAddress("192.0.2.1", 1234));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 example.com x 1 2\r\n", "PROXY "})
    void listen_haproxy_refusesAConnectionWithoutAHeader(String first) throws Exception {
        LinkedBlockingQueue<SocketAddress> seen = new LinkedBlockingQueue<>();
        ListeningPort port = listen(AutoTlsEndpoint.parse("haproxy:tcp:0"), new Sources(seen));

        try (Socket socket = EndpointClient.plain(port.localAddress())) {
            socket.getOutputStream().write(first.getBytes(US_ASCII));

            assertThat(readUntilClosed(socket)).isZero(); // the last one by its deadline
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void listen_systemd_acceptsOnAnInheritedSocket() throws Exception {
        EpollServerSocketChannel handedOver = new EpollServerSocketChannel();
        var group = Transport.EPOLL.newGroup();
        open.add(() -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS));
        handedOver.config().setAutoRead(false);
        group.register(handedOver).sync();
        handedOver
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync();
        int index = handedOver.fd().intValue() - 3;
        long pid = ProcessHandle.current().pid();
        InheritedSockets inherited =
                new InheritedSockets(Map.of("LISTEN_PID", "" + pid, "LISTEN_FDS", "" + (index + 1)), pid);

        ListeningPort port =
                listen(endpoint(new ListenAddress.Systemd(Family.INET, index, false), Transport.EPOLL, inherited));

        try (Socket socket = EndpointClient.plain(handedOver.localAddress())) {
            assertThat(echo(socket, "inherited")).isEqualTo("inherited");
        }
        assertThat(port.localAddress()).isEqualTo(handedOver.localAddress());
    }

    @Test
    void listen_systemd_withoutASocket_saysWhatIsMissing() {
        assertThat(systemdFailure(Map.of(), 0)).contains("LISTEN_FDS is not set");
        assertThat(systemdFailure(Map.of("LISTEN_FDS", "1", "LISTEN_PID", "41"), 0))
                .contains("handed to another process: LISTEN_PID is '41', this is 42");
        assertThat(systemdFailure(Map.of("LISTEN_FDS", "1", "LISTEN_PID", "42"), 1))
                .contains("index 1 of 1 sockets");
        assertThat(systemdFailure(Map.of("LISTEN_FDS", "9000", "LISTEN_PID", "42"), 8999))
                .contains("file descriptor 9002 is not a listening socket");
    }

    private String systemdFailure(Map<String, String> environment, int index) {
        ListenAddress address = new ListenAddress.Systemd(Family.INET, index, false);
        return String.valueOf(failure(
                        endpoint(address, Transport.EPOLL, new InheritedSockets(environment, 42)),
                        ListenException.class)
                .getMessage());
    }

    private AutoTlsEndpoint local() {
        return AutoTlsEndpoint.parse("local:" + temporary.resolve("certs") + ":tcp:0:interface=127.0.0.1");
    }

    private static AutoTlsEndpoint endpoint(ListenAddress address, Transport transport, InheritedSockets inherited) {
        return new AutoTlsEndpoint(address, null, List.of(), transport, inherited);
    }

    private ListeningPort listen(AutoTlsEndpoint endpoint) throws Exception {
        return listen(endpoint, new Echo());
    }

    private ListeningPort listen(AutoTlsEndpoint endpoint, io.netty.channel.ChannelHandler handler) throws Exception {
        ListeningPort port = endpoint.listen(handler).toCompletableFuture().get(30, TimeUnit.SECONDS);
        open.add(port);
        return port;
    }

    private static <T extends Throwable> T failure(AutoTlsEndpoint endpoint, Class<T> type) {
        CompletableFuture<ListeningPort> listening = endpoint.listen(new Echo()).toCompletableFuture();
        ExecutionException failed =
                catchThrowableOfType(ExecutionException.class, () -> listening.get(30, TimeUnit.SECONDS));
        assertThat(failed.getCause()).isInstanceOf(type);
        return type.cast(failed.getCause());
    }

    private static EndpointClient client(ListeningPort port) throws GeneralSecurityException, IOException {
        return new EndpointClient(port.autoTls().orElseThrow().rootFile().orElseThrow());
    }

    private static SSLSocket connectSoon(EndpointClient client, SocketAddress address, String name) throws IOException {
        long give = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try {
                return client.connect(address, name);
            } catch (SSLException e) {
                if (System.nanoTime() > give) {
                    throw e;
                }
            }
        }
    }

    private static String echo(Socket socket, String text) throws IOException {
        try (socket) {
            socket.getOutputStream().write(text.getBytes(US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
        }
    }

    private static String echoUnix(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            channel.write(java.nio.ByteBuffer.wrap("hi".getBytes(US_ASCII)));
            java.nio.ByteBuffer answer = java.nio.ByteBuffer.allocate(2);
            int read = 0;
            while (answer.hasRemaining() && read >= 0) {
                read = channel.read(answer);
            }
            return new String(answer.array(), US_ASCII);
        }
    }

    private static int readUntilClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length;
        } catch (java.net.SocketException reset) {
            return 0;
        }
    }

    private static String pem(TestCa ca) throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n"
                + java.util.Base64.getMimeEncoder().encodeToString(ca.root().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    /** Notes who connects, as the PROXY header says, and echoes. */
    @Sharable
    private static final class Sources extends ChannelInboundHandlerAdapter {

        private final LinkedBlockingQueue<SocketAddress> seen;

        Sources(LinkedBlockingQueue<SocketAddress> seen) {
            this.seen = seen;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ProxiedAddresses.of(context.channel()).map(ProxiedAddresses::source).ifPresent(seen::add);
            context.writeAndFlush(message);
        }
    }
}
