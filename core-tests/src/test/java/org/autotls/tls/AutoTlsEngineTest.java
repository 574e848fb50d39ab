package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyManagementException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.autotls.Subject;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.testkit.TlsProbe;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutoTlsEngineTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());
    private final AtomicInteger lookups = new AtomicInteger();
    private final SSLContext context = AutoTlsContext.create(index, name -> {
        lookups.incrementAndGet();
        return Optional.empty();
    });
    private final ByteBuffer plain = ByteBuffer.allocate(1 << 15);

    @BeforeEach
    void serve() {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
    }

    private static SSLEngine client(SSLContext trusting, String version) {
        SSLEngine client = trusting.createSSLEngine();
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("a.example")));
        parameters.setProtocols(new String[] {version});
        client.setSSLParameters(parameters);
        return client;
    }

    /** Carries records from one end to the other until neither has anything to say. */
    private void talk(SSLEngine one, SSLEngine other) throws SSLException {
        boolean moved = true;
        while (moved) {
            moved = send(one, other) || send(other, one);
        }
    }

    private boolean send(SSLEngine from, SSLEngine to) throws SSLException {
        run(from);
        if (from.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            return false;
        }
        ByteBuffer wire = ByteBuffer.allocate(1 << 15);
        from.wrap(NOTHING, wire);
        deliver(wire.flip(), to);
        run(from);
        return true;
    }

    private void deliver(ByteBuffer wire, SSLEngine to) throws SSLException {
        while (wire.hasRemaining()) {
            SSLEngineResult result = to.unwrap(wire, plain.clear());
            run(to);
            if (result.bytesConsumed() == 0) {
                return;
            }
        }
    }

    private static void run(SSLEngine engine) {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    @Test
    void beginHandshake_first_waitsForTheHello() throws SSLException {
        SSLEngine server = context.createSSLEngine();
        assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
        server.beginHandshake();
        assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_UNWRAP);
        assertThat(server.wrap(NOTHING, ByteBuffer.allocate(99)).getHandshakeStatus())
                .isEqualTo(HandshakeStatus.NEED_UNWRAP);
        SSLEngine client = client(TlsProbe.trusting(ca.root()), "TLSv1.3");
        client.beginHandshake();
        talk(client, server);
        assertThat(client.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
        assertThat(client.getSession().getPeerCertificates()).isNotEmpty();
    }

    @Test
    void N7_renegotiationByTheClient_isRefused() throws SSLException {
        SSLEngine server = context.createSSLEngine();
        SSLEngine client = client(TlsProbe.trusting(ca.root()), "TLSv1.2");
        client.beginHandshake();
        talk(client, server);
        assertThat(server.getSession().getProtocol()).isEqualTo("TLSv1.2");
        client.beginHandshake();
        assertThatThrownBy(() -> talk(client, server))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("renegotiation");
        assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
    }

    @Test
    void refused_alertThenClosed() throws SSLException {
        SSLEngine server = context.createSSLEngine();
        server.beginHandshake();
        ByteBuffer hello =
                ByteBuffer.wrap(ClientHelloBytes.tls13().serverName("b.example").records());
        assertThat(server.unwrap(hello, plain).getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
        assertThat(hello.hasRemaining()).isFalse();
        assertThat(server.wrap(NOTHING, ByteBuffer.allocate(3)).getStatus())
                .isEqualTo(SSLEngineResult.Status.BUFFER_OVERFLOW);
        ByteBuffer alert = ByteBuffer.allocate(99);
        assertThat(server.wrap(NOTHING, alert).getStatus()).isEqualTo(SSLEngineResult.Status.OK);
        assertThat(alert.array()).startsWith(21, 3, 3, 0, 2, 2, 112);
        assertThat(server.wrap(NOTHING, alert).getStatus()).isEqualTo(SSLEngineResult.Status.CLOSED);
        assertThat(server.isOutboundDone() && server.isInboundDone()).isTrue();
        assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
    }

    @Test
    void close_beforeTheHello_endsIt() throws SSLException {
        SSLEngine server = context.createSSLEngine();
        server.closeOutbound();
        assertThat(server.wrap(NOTHING, ByteBuffer.allocate(1 << 15)).getStatus())
                .isEqualTo(SSLEngineResult.Status.CLOSED);
        assertThat(server.isOutboundDone()).isTrue();
    }

    @Test
    void clientMode_isTheJdksOwn() throws Exception {
        SSLEngine ours = context.createSSLEngine();
        ours.setUseClientMode(true);
        SSLEngine theirs = SSLContext.getDefault().createSSLEngine();
        theirs.setUseClientMode(true);
        assertThat(ours.getEnabledCipherSuites()).isEqualTo(theirs.getEnabledCipherSuites());
        assertThat(ours.getEnabledProtocols()).isEqualTo(theirs.getEnabledProtocols());
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
            assertThat(socket.getUseClientMode()).isTrue();
        }
    }

    @Test
    void defaults_aeadAndEcdheOnly() {
        assertThat(context.createSSLEngine().getEnabledCipherSuites())
                .allMatch(suite -> suite.matches("TLS_(AES|CHACHA20|ECDHE_(RSA|ECDSA)_WITH_(AES_..._GCM|CHACHA20)).*"));
        assertThat(context.createSSLEngine().getEnabledProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
        assertThat(context.getDefaultSSLParameters().getProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
    }

    @Test
    void noEndpointIdentification_isSaidInOneWayOnly() {
        SSLEngine engine = context.createSSLEngine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("");
        engine.setSSLParameters(parameters);
        assertThat(engine.getSSLParameters().getEndpointIdentificationAlgorithm())
                .isNull();
        assertThat(parameters.getEndpointIdentificationAlgorithm()).isEmpty();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        parameters.setEndpointIdentificationAlgorithm("");
        engine.setSSLParameters(parameters);
        assertThat(engine.getSSLParameters().getEndpointIdentificationAlgorithm())
                .isEmpty();
    }

    @Test
    void serverSockets_areRefusedLoudly() {
        SSLServerSocketFactory factory = context.getServerSocketFactory();
        List<ThrowingCallable> attempts = List.of(
                factory::createServerSocket,
                () -> factory.createServerSocket(0),
                () -> factory.createServerSocket(0, 1),
                () -> factory.createServerSocket(0, 1, null),
                () -> context.getSocketFactory().createSocket(new Socket(), null, false));
        assertThat(attempts)
                .allSatisfy(attempt -> assertThatThrownBy(attempt)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("SSLEngine"));
        assertThat(factory.getDefaultCipherSuites())
                .isEqualTo(context.getDefaultSSLParameters().getCipherSuites());
        assertThat(factory.getSupportedCipherSuites())
                .isEqualTo(context.getSupportedSSLParameters().getCipherSuites());
        assertThatThrownBy(() -> context.init(null, null, null)).isInstanceOf(KeyManagementException.class);
    }

    @Test
    void N8_keyManagerAskedWithoutSession_answersNullAndDoesNotThrow() {
        SniKeyManager keys = new SniKeyManager(index);
        SSLEngine engine = context.createSSLEngine();
        assertThat(engine.getHandshakeSession()).isNull();
        assertThat(keys.chooseEngineServerAlias("EC", null, engine)).isNull();
        assertThat(keys.chooseServerAlias("EC", null, new Socket())).isNull();
        assertThat(keys.getCertificateChain("none#1")).isNull();
        assertThat(keys.getPrivateKey(null)).isNull();
    }

    @Test
    void I10_differential_neverServesAnotherNameThanTheJdkSees() throws Exception {
        index.put(Subject.of("b.example"), ca.issue(FROM, LIFETIME, "b.example"));
        SSLContext bare = SSLContext.getInstance("TLS");
        bare.init(null, null, null);
        Random random = new Random(8);
        byte[] good =
                ClientHelloBytes.tls13().serverName("a.example").alpn("h2").records();
        int served = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] wire = good.clone();
            for (int i = random.nextInt(3); i > 0; i--) {
                wire[5 + random.nextInt(wire.length - 5)] = (byte) random.nextInt();
            }
            Peek peek = new ClientHelloReader().read(ByteBuffer.wrap(wire));
            Optional<String> jdk = nameSeenBy(bare.createSSLEngine(), wire);
            if (peek instanceof Peek.Hello ours && jdk.isPresent()) {
                served++;
                assertThat(ours.hello().rawServerName().orElse("").equalsIgnoreCase(jdk.get()))
                        .as(HexFormat.of().formatHex(wire))
                        .isTrue();
            }
        }
        assertThat(served).as("how many both accept").isGreaterThan(500);
    }

    /** The name that reaches a matcher of the JDK's own engine. */
    private Optional<String> nameSeenBy(SSLEngine engine, byte[] wire) {
        engine.setUseClientMode(false);
        String[] seen = new String[1];
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setSNIMatchers(List.of(new SNIMatcher(0) {
            @Override
            public boolean matches(SNIServerName name) {
                seen[0] = new String(name.getEncoded(), StandardCharsets.ISO_8859_1);
                return false;
            }
        }));
        engine.setSSLParameters(parameters);
        try {
            engine.unwrap(ByteBuffer.wrap(wire), plain.clear());
            run(engine);
            engine.unwrap(ByteBuffer.allocate(0), plain.clear());
        } catch (SSLException e) {
            // refused, as it should be: the matcher takes no name
            return Optional.ofNullable(seen[0]);
        }
        return Optional.ofNullable(seen[0]);
    }

    @Test
    void M2_floodOfUnknownNames_leavesNothingBehind() throws SSLException {
        Random random = new Random(2);
        flood(random, 2000); // classes loaded, buffers made
        long before = usedHeap();
        flood(random, 100_000);
        assertThat(usedHeap() - before).isLessThan(10L << 20);
        assertThat(lookups).as("J12: asked only for validations").hasValueLessThan(51_001 + 1);
        assertThat(index.current().size()).isEqualTo(1);
    }

    private void flood(Random random, int count) throws SSLException {
        ByteBuffer out = ByteBuffer.allocate(100);
        for (int i = 0; i < count; i++) {
            ClientHelloBytes hello = ClientHelloBytes.tls12().serverName("n" + random.nextInt() + ".example");
            ByteBuffer wire = ByteBuffer.wrap((i % 2 == 0 ? hello : hello.alpn("acme-tls/1")).records());
            SSLEngine engine = context.createSSLEngine();
            engine.unwrap(wire, plain.clear());
            engine.wrap(NOTHING, out.clear());
            assertThat(out.get(0)).isEqualTo((byte) 21);
        }
    }

    private static long usedHeap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
