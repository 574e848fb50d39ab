package org.autotls.conscrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.LiveIndex;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server sees of a connection that Conscrypt serves: ALPN, client certificates, long flights, closing. */
class ConscryptServerEngineTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());
    private final SSLContext context = context(pkix());

    @BeforeEach
    void serve() {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
    }

    private SSLContext context(TrustManager... trust) {
        return AutoTlsContext.create(index, ChallengeCertificates.NONE, ClientTrust.whereAsked(trust));
    }

    /** The JDK's own judge of chains, trusting our CA. */
    private TrustManager[] pkix() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("root", ca.root());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Conversation conversation(String version, String... protocols) {
        return new Conversation(
                Conversation.client(Conversation.trusting(ca), "a.example", parameters -> {
                    parameters.setProtocols(new String[] {version});
                    parameters.setApplicationProtocols(protocols);
                }),
                context.createSSLEngine());
    }

    private static void list(SSLEngine server, String... protocols) {
        SSLParameters parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        server.setSSLParameters(parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void alpn_listAndSelector_chooseAsTheServerWishes(String version) throws SSLException {
        Conversation byList = conversation(version, "http/1.1", "h2");
        list(byList.server, "h2", "http/1.1");
        assertThat(byList.handshake().client.getApplicationProtocol()).isEqualTo("h2");
        assertThat(byList.isConscrypt()).isTrue();
        assertThat(byList.server.getApplicationProtocol()).isEqualTo("h2");
        assertThat(byList.server.getSSLParameters().getApplicationProtocols()).containsExactly("h2", "http/1.1");

        Conversation bySelector = conversation(version, "http/1.1", "h2");
        List<Object> seen = new ArrayList<>();
        list(bySelector.server, "other"); // a selector wins over a list
        bySelector.server.setHandshakeApplicationProtocolSelector((engine, offered) -> {
            seen.addAll(List.of(engine, offered, engine.getHandshakeSession().getProtocol()));
            return "http/1.1";
        });
        assertThat(bySelector.handshake().client.getApplicationProtocol()).isEqualTo("http/1.1");
        assertThat(seen).containsExactly(bySelector.server, List.of("http/1.1", "h2"), version);

        Conversation none = conversation(version, "h2");
        none.server.setHandshakeApplicationProtocolSelector((engine, offered) -> "");
        assertThat(none.handshake().client.getApplicationProtocol()).isEmpty();
        assertThat(none.server.getApplicationProtocol()).isEmpty();

        Conversation nothingOffered = conversation(version);
        list(nothingOffered.server, "h2");
        assertThat(nothingOffered.handshake().client.getApplicationProtocol()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void alpn_withoutMatch_isRefusedInTheClear(String version) {
        List<BiFunction<SSLEngine, List<String>, @Nullable String>> selectors =
                Arrays.asList(null, (engine, offered) -> null);
        for (BiFunction<SSLEngine, List<String>, @Nullable String> selector : selectors) {
            Conversation conversation = conversation(version, "spdy/3");
            list(conversation.server, "h2");
            conversation.server.setHandshakeApplicationProtocolSelector(selector);
            assertThatThrownBy(conversation::handshake)
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("no application protocol");
            assertThat(conversation.isConscrypt()).isTrue();
            assertThat(conversation.server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
            assertThatThrownBy(conversation::settle).hasMessageContaining("no_application_protocol");
            assertThat(conversation.server.isOutboundDone()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void clientCertificate_isJudgedByTheTrustManager(String version) throws Exception {
        SSLContext known = Conversation.context(pkix()[0], new ClientKey(clientCertificate(ca)));
        SSLContext stranger = Conversation.context(pkix()[0], new ClientKey(clientCertificate(new TestCa())));
        Conversation good = asked(known, version, true);
        assertThat(good.handshake().server.getSession().getPeerPrincipal()).isEqualTo(new X500Principal("CN=client"));
        assertThat(good.isConscrypt()).isTrue();
        assertThat(good.say(good.client, "ping")).isEqualTo("ping");
        for (Conversation bad :
                List.of(asked(Conversation.trusting(ca), version, true), asked(stranger, version, true))) {
            assertThatThrownBy(bad::handshake).isInstanceOf(SSLException.class);
            assertThat(bad.server.getHandshakeStatus()).as("the alert").isEqualTo(HandshakeStatus.NEED_WRAP);
            assertThatThrownBy(bad::settle).hasMessageContaining("alert");
        }
        Conversation wanted = asked(Conversation.trusting(ca), version, false).handshake();
        assertThat(wanted.isConscrypt()).isTrue();
        assertThatThrownBy(() -> wanted.server.getSession().getPeerPrincipal())
                .isInstanceOf(SSLPeerUnverifiedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void clientCertificate_requiredByTheContext_isRequired(String version) throws Exception {
        SSLContext requiring = AutoTlsContext.create(index, ChallengeCertificates.NONE, ClientTrust.required(pkix()));
        SSLContext known = Conversation.context(pkix()[0], new ClientKey(clientCertificate(ca)));
        for (SSLContext client : List.of(known, Conversation.trusting(ca))) {
            Conversation conversation = new Conversation(
                    Conversation.client(
                            client, "a.example", parameters -> parameters.setProtocols(new String[] {version})),
                    requiring.createSSLEngine());
            if (client == known) {
                assertThat(conversation.handshake().server.getSession().getPeerPrincipal())
                        .isEqualTo(new X500Principal("CN=client"));
            } else {
                assertThatThrownBy(conversation::handshake).isInstanceOf(SSLException.class);
            }
            assertThat(conversation.isConscrypt()).isTrue();
        }
    }

    private Conversation asked(SSLContext client, String version, boolean need) {
        SSLEngine server = context.createSSLEngine();
        if (need) {
            server.setNeedClientAuth(true);
        } else {
            server.setWantClientAuth(true);
        }
        return new Conversation(
                Conversation.client(client, "a.example", parameters -> parameters.setProtocols(new String[] {version})),
                server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void session_isNotAWayRoundTheClientCertificate(String version) throws Exception {
        SSLContext client = Conversation.trusting(ca);
        Certificate first = leafSeen(asked(client, version, false));
        assertThat(leafSeen(asked(client, version, false)))
                .as("resumed: the very same object")
                .isSameAs(first);
        assertThatThrownBy(() -> asked(client, version, true).handshake()).isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void session_endsWithItsCertificate(String version) throws Exception {
        SSLContext client = Conversation.trusting(ca);
        Certificate first = leafSeen(asked(client, version, false));
        serve();
        Certificate second = leafSeen(asked(client, version, false));
        assertThat(second).isNotEqualTo(first);
    }

    /** Does a handshake and an exchange, so that tickets have arrived. */
    private static Certificate leafSeen(Conversation conversation) throws SSLException {
        conversation.handshake();
        conversation.say(conversation.server, "pong");
        return conversation.client.getSession().getPeerCertificates()[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void longFlight_isGivenOutInPieces(String version) throws SSLException {
        String[] names = IntStream.range(0, 1000)
                .mapToObj(i -> i == 0 ? "a.example" : "name-number-" + i + ".a.example")
                .toArray(String[]::new);
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, names));
        Conversation conversation = conversation(version).handshake();
        assertThat(conversation.isConscrypt()).isTrue();
        assertThat(conversation.client.getSession().getProtocol()).isEqualTo(version);
        assertThat(conversation.say(conversation.client, "ping")).isEqualTo("ping");
    }

    @Test
    void clientsAskedWithALongListOfIssuers_areServed() throws SSLException {
        SSLEngine server =
                AutoTlsContext.create(index, ChallengeCertificates.NONE).createSSLEngine();
        server.setWantClientAuth(true);
        Conversation conversation = new Conversation(
                        Conversation.client(Conversation.trusting(ca), "a.example", parameters -> {}), server)
                .handshake();
        assertThat(conversation.isConscrypt()).isTrue();
        assertThat(conversation.say(conversation.client, "ping")).isEqualTo("ping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void recordLargerThanTheBuffer_isNotConsumed(String version) throws SSLException {
        Conversation conversation = conversation(version).handshake();
        ByteBuffer wire = ByteBuffer.allocate(1 << 15);
        conversation.client.wrap(ByteBuffer.allocate(5000), wire);
        wire.flip();
        SSLEngineResult small = conversation.server.unwrap(wire, ByteBuffer.allocate(4999));
        assertThat(small.getStatus()).isEqualTo(Status.BUFFER_OVERFLOW);
        assertThat(small.bytesConsumed() + small.bytesProduced()).isZero();
        ByteBuffer room = ByteBuffer.allocate(conversation.server.getSession().getApplicationBufferSize());
        SSLEngineResult fits = conversation.server.unwrap(wire, room);
        assertThat(fits.getStatus()).isEqualTo(Status.OK);
        assertThat(fits.bytesProduced()).isEqualTo(5000);
        assertThat(wire.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void closing_saysSoOnTheWire(String version) throws SSLException {
        Conversation conversation = conversation(version).handshake();
        conversation.server.closeOutbound();
        assertThat(conversation.server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
        assertThat(conversation.server.isOutboundDone()).isFalse();
        ByteBuffer wire = ByteBuffer.allocate(1 << 15);
        assertThat(conversation.server.wrap(NOTHING, wire).getStatus()).isEqualTo(Status.OK);
        assertThat(conversation.server.isOutboundDone()).isTrue();
        assertThat(conversation.server.wrap(NOTHING, wire).getStatus()).isEqualTo(Status.CLOSED);
        SSLEngineResult heard = conversation.client.unwrap(wire.flip(), ByteBuffer.allocate(1 << 15));
        while (heard.getStatus() == Status.OK && wire.hasRemaining()) { // tickets come first
            heard = conversation.client.unwrap(wire, ByteBuffer.allocate(1 << 15));
        }
        assertThat(heard.getStatus()).isEqualTo(Status.CLOSED);
        assertThatThrownBy(conversation(version).handshake().server::closeInbound)
                .as("an attacker may have cut the connection")
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("close_notify");
    }

    @Test
    void closeNotifyOfTheClient_isHeard() throws SSLException {
        Conversation conversation = conversation("TLSv1.3").handshake();
        ByteBuffer wire = ByteBuffer.allocate(1 << 15);
        conversation.client.closeOutbound();
        conversation.client.wrap(NOTHING, wire);
        assertThat(conversation
                        .server
                        .unwrap(wire.flip(), ByteBuffer.allocate(1 << 15))
                        .getStatus())
                .isEqualTo(Status.CLOSED);
        assertThat(conversation
                        .server
                        .wrap(ByteBuffer.allocate(5), wire.clear())
                        .bytesConsumed())
                .as("BoringSSL closes both ways")
                .isZero();
        conversation.server.closeInbound();
        assertThat(conversation.server.isInboundDone()).isTrue();
    }

    @Test
    void N7_renegotiation_isRefused() throws SSLException {
        Conversation conversation = conversation("TLSv1.2").handshake();
        assertThat(conversation.isConscrypt()).isTrue();
        conversation.client.beginHandshake();
        assertThatThrownBy(conversation::settle)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("renegotiation");
        assertThat(conversation.server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
        assertThatThrownBy(conversation("TLSv1.3").handshake().server::beginHandshake)
                .isInstanceOf(SSLException.class);
    }

    @Test
    void alertOfARefusedHello_isLeftToBeSent() {
        SSLEngine server = context.createSSLEngine();
        byte[] rsaOnly = ClientHelloBytes.tls12()
                .cipherSuites(0xc02f)
                .extension(35, new byte[0])
                .serverName("a.example")
                .records();
        assertThatThrownBy(() -> server.unwrap(ByteBuffer.wrap(rsaOnly), ByteBuffer.allocate(1 << 15)))
                .isInstanceOf(SSLHandshakeException.class);
        ByteBuffer wire = ByteBuffer.allocate(1 << 15);
        assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
        assertThat(wrapped(server, wire)).isEqualTo(Status.OK);
        assertThat(wire.array()).startsWith(21, 3, 3, 0, 2, 2, 40);
        assertThat(wrapped(server, wire)).isEqualTo(Status.CLOSED);
    }

    private static Status wrapped(SSLEngine server, ByteBuffer wire) {
        try {
            return server.wrap(NOTHING, wire).getStatus();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Identity(PrivateKey key, X509Certificate certificate) {}

    private static Identity clientCertificate(TestCa issuer) throws Exception {
        KeyPair pair = KeyType.EC_P256.generate(new SecureRandom());
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer.root().getSubjectX500Principal(),
                BigInteger.TEN,
                Date.from(FROM),
                Date.from(FROM.plus(LIFETIME)),
                new X500Principal("CN=client"),
                pair.getPublic());
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        return new Identity(
                pair.getPrivate(),
                new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.rootKey()))));
    }

    /** Sends its certificate to whoever asks. */
    private static final class ClientKey extends X509ExtendedKeyManager {

        private final Identity identity;

        ClientKey(Identity identity) {
            this.identity = identity;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return "client";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {identity.certificate};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.key;
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
