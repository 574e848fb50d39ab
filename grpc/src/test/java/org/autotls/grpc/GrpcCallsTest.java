package org.autotls.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.autotls.AutoTls;
import org.autotls.CertificateBundle;
import org.autotls.Subject;
import org.autotls.netty.AutoTlsNetty;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.testkit.TlsProbe;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link GrpcEndpointTest} does not ask: calls of a client, and the contexts that gRPC must not take. */
class GrpcCallsTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);
    private static final int DEADLINE_SECONDS = 60;

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());
    private final AutoTls autoTls = open();

    private AutoTls open() {
        ManualClock clock = new ManualClock();
        MemoryStore store = new MemoryStore(clock);
        return AutoTls.with(store, store, store)
                .scheduler(clock)
                .mapping(index)
                .readOnly()
                .open();
    }

    @AfterEach
    void close() {
        autoTls.close();
    }

    private CertificateBundle serve(String name) {
        CertificateBundle bundle = ca.issue(FROM, LIFETIME, name);
        index.put(Subject.of(name), bundle);
        return bundle;
    }

    @Test
    void version_isTheOneThatThePomSays() {
        assertThat(NettyServerBuilder.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .endsWith("/grpc-netty-" + System.getProperty("grpc.expected") + ".jar");
    }

    @Test
    void call_isAnsweredUnderEachName() throws Exception {
        serve("a.example");
        serve("b.example");
        try (GrpcTestServer server = new GrpcTestServer(autoTls)) {
            assertThat(call(server.port(), "a.example")).isEqualTo("Hello a.example from gRPC");
            assertThat(call(server.port(), "b.example")).isEqualTo("Hello b.example from gRPC");
            assertThat(server.conversations()).isEqualTo(2);
            assertThatThrownBy(() -> call(server.port(), "unknown.example"))
                    .isInstanceOf(StatusRuntimeException.class)
                    .satisfies(failure ->
                            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            assertThat(server.conversations()).isEqualTo(2);
        }
    }

    private String call(int port, String name) throws SSLException, InterruptedException {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .overrideAuthority(name)
                .sslContext(GrpcSslContexts.forClient().trustManager(ca.root()).build())
                .build();
        try {
            CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
            return ClientCalls.blockingUnaryCall(channel, Greeter.GREET, options, name);
        } finally {
            channel.shutdownNow().awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void clientThatStalls_isClosedBeforeItsHandshakeIsDone() throws IOException {
        serve("a.example");
        byte[] half =
                Arrays.copyOf(ClientHelloBytes.tls13().serverName("a.example").records(), 60);
        try (GrpcTestServer server = new GrpcTestServer(autoTls)) {
            assertThat(new TlsProbe(server.port()).send(half, 60, 60_000).kind())
                    .isEqualTo(TlsProbe.Reply.Kind.CLOSED);
            assertThat(server.conversations()).isZero();
        }
    }

    @Test
    void contextOnBoringSsl_isRefusedWhenGrpcGetsIt() {
        SslContext boringSsl = AutoTlsNetty.sslContext(autoTls, SslProvider.OPENSSL, "h2");
        NettyServerBuilder builder = NettyServerBuilder.forAddress(GrpcTestServer.anyPort());
        assertThatThrownBy(() -> builder.sslContext(boringSsl))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("acme-tls/1")
                .hasMessageContaining("AutoTlsGrpc");
        assertThat(boringSsl.applicationProtocolNegotiator().protocols())
                .as("for others than gRPC")
                .containsExactly("h2");
    }

    @Test
    void contextOnTheJdksEngine_isTaken() throws Exception {
        serve("a.example");
        Server server = NettyServerBuilder.forAddress(GrpcTestServer.anyPort())
                .sslContext(AutoTlsNetty.sslContext(autoTls, SslProvider.JDK, "h2"))
                .addService(Greeter.service())
                .build()
                .start();
        try {
            assertThat(call(server.getPort(), "a.example")).isEqualTo("Hello a.example from gRPC");
        } finally {
            server.shutdownNow().awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void endpointString_saysWhereToListen(@TempDir Path directory) throws Exception {
        int port = FreePorts.next();
        String endpoint = "local:" + directory + ":tcp:" + port + ":interface=127.0.0.1";
        try (AutoTls local = AutoTls.endpoint(endpoint).open()) {
            Server server = AutoTlsGrpc.endpoint(local)
                    .addService(Greeter.service())
                    .build()
                    .start();
            try {
                assertThat(server.getListenSockets()).isEqualTo(List.of(new InetSocketAddress("127.0.0.1", port)));
                local.whenCertsValid().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                assertThat(new TlsProbe(port)
                                .handshake("localhost", "TLSv1.3", "h2")
                                .applicationProtocol())
                        .isEqualTo("h2");
            } finally {
                server.shutdownNow().awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }
}
