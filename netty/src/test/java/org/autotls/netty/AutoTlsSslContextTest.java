package org.autotls.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.testkit.ChallengeBundles;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.testkit.TlsProbe;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AutoTlsSslContextTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());
    private final Map<String, CertificateBundle> pending = new ConcurrentHashMap<>();

    @BeforeEach
    void serve() {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
    }

    private AutoTlsSslContext.Builder builder() {
        return AutoTlsSslContext.builder(index, name -> Optional.ofNullable(pending.get(name)));
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"OPENSSL", "JDK"})
    void M4_J7_whateverStalls_isClosedAtTheDeadline(SslProvider provider) throws IOException {
        ClientHelloBytes hello = ClientHelloBytes.tls13().serverName("a.example");
        byte[] half = Arrays.copyOf(hello.records(), 60);
        byte[] claim = {22, 3, 1, 64, 0, 1, 0, 63, (byte) 200};
        AutoTlsSslContext context = builder()
                .provider(provider)
                .handshakeTimeout(Duration.ofMillis(300))
                .build();
        try (NettyTestServer server = new NettyTestServer(context)) {
            for (byte[] bytes : List.of(
                    new byte[0],
                    half,
                    claim,
                    hello.records(),
                    hello.alpn("acme-tls/1").records())) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream().write(bytes);
                    assertThat(untilClosed(socket.getInputStream())).isTrue();
                }
            }
            assertThat(server.conversations()).isZero();
        }
    }

    private static boolean untilClosed(InputStream in) {
        try {
            in.readAllBytes();
            return true;
        } catch (SocketException e) {
            return true; // reset
        } catch (IOException e) {
            return false; // the deadline of this test
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"OPENSSL", "JDK"})
    void find_address_servesAClientWithoutServerName(SslProvider provider) throws SSLException {
        CertificateBundle address = ca.issue(FROM, LIFETIME, "127.0.0.1");
        CertificateBundle fallback = ca.issue(FROM, LIFETIME, "default.example");
        index.putFallback(fallback);
        try (NettyTestServer server =
                new NettyTestServer(builder().provider(provider).build())) {
            TlsProbe probe = new TlsProbe(server.port());
            for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                index.put(Subject.of("127.0.0.1"), address);
                assertThat(probe.handshake("", version).leaf()).isEqualTo(address.leaf());
                index.remove(Subject.of("127.0.0.1"));
                assertThat(probe.handshake("", version).leaf()).isEqualTo(fallback.leaf());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"OPENSSL", "JDK"})
    void applicationProtocols_areChosenByTheServersOrder_andNeverRefused(SslProvider provider) throws SSLException {
        AutoTlsSslContext context = builder()
                .provider(provider)
                .applicationProtocols(List.of("h2", "http/1.1"))
                .build();
        try (NettyTestServer server = new NettyTestServer(context)) {
            TlsProbe probe = new TlsProbe(server.port());
            for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                assertThat(probe.handshake("a.example", version, "http/1.1", "h2")
                                .applicationProtocol())
                        .isEqualTo("h2");
                assertThat(probe.handshake("a.example", version, "http/1.1").applicationProtocol())
                        .isEqualTo("http/1.1");
                assertThat(probe.handshake("a.example", version, "spdy/3").applicationProtocol())
                        .isEmpty();
                assertThat(probe.handshake("a.example", version).applicationProtocol())
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"OPENSSL", "JDK"})
    void clientAuth_isAskedOfClientsButNotOfTheCa(SslProvider provider) throws SSLException {
        AutoTlsSslContext context = builder()
                .provider(provider)
                .clientAuth(ClientAuth.REQUIRE, new TrustNobody())
                .build();
        try (NettyTestServer server = new NettyTestServer(context)) {
            TlsProbe probe = new TlsProbe(server.port());
            assertThatThrownBy(() -> probe.handshake("a.example", "TLSv1.2"))
                    .isInstanceOfAny(SSLException.class, UncheckedIOException.class); // an alert, or a reset before it
            byte[] plain = ClientHelloBytes.tls13().serverName("a.example").records(3);
            assertThat(probe.send(plain)).hasToString("SERVER_HELLO");
            assertThat(server.conversations()).isZero();
            for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                assertThat(probe.handshake("a.example", version, "acme-tls/1").closed())
                        .isTrue();
            }
        }
    }

    private static final class TrustNobody implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("nobody is trusted");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("nobody is trusted");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"OPENSSL", "JDK"})
    void newEngine_refusesUnknownNames(SslProvider provider) throws SSLException {
        AutoTlsSslContext context = builder().provider(provider).bareEngines().build();
        try (NettyTestServer server = NettyTestServer.overEngines(context::newEngine)) {
            TlsProbe probe = new TlsProbe(server.port());
            assertThat(probe.handshake("a.example", "TLSv1.3").protocol()).isEqualTo("TLSv1.3");
            assertThatThrownBy(() -> probe.handshake("b.example", "TLSv1.3"))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("unrecognized_name");
        }
    }

    @Test
    void newEngine_ofBoringSsl_isRefusedUnlessAskedFor() {
        AutoTlsSslContext context = builder().provider(SslProvider.OPENSSL).build();
        assertThatThrownBy(() -> context.newEngine(ByteBufAllocator.DEFAULT))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("acme-tls/1")
                .hasMessageContaining("AutoTlsGrpc");
        assertThatThrownBy(() -> context.newEngine(ByteBufAllocator.DEFAULT, "a.example", 443))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void builder_refusesWhatCannotBe() {
        assertThatThrownBy(() -> builder().provider(SslProvider.OPENSSL_REFCNT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().handshakeTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
    }

    @Test
    void create_isForServers() {
        AutoTlsSslContext context = AutoTlsSslContext.create(index, name -> Optional.empty(), List.of("h2"));
        assertThat(context.isServer()).isTrue();
        assertThat(context.cipherSuites()).isNotEmpty();
        assertThat(context.newHandler(ByteBufAllocator.DEFAULT).getHandshakeTimeoutMillis())
                .isEqualTo(10_000);
        assertThat(context.applicationProtocolNegotiator().protocols()).containsExactly("h2");
    }
}
