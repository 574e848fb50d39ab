package org.autotls.conscrypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.ClientHello;
import org.autotls.tls.ClientHelloReader;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.IndexEntry;
import org.autotls.tls.LiveIndex;
import org.autotls.tls.Peek;
import org.autotls.tls.TlsDefaults;
import org.conscrypt.Conscrypt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which connections Conscrypt serves, with which context, and which are left to the JDK. */
class ConscryptEnginesTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());

    @BeforeEach
    void serve() {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
        index.put(Subject.of("*.wild.example"), ca.issue(FROM, LIFETIME, "*.wild.example"));
    }

    private SSLContext context() {
        return AutoTlsContext.create(index, ChallengeCertificates.NONE, ClientTrust.whereAsked());
    }

    /** The server engine after a ClientHello, before any answer: which one took it. */
    private boolean takes(ClientHelloBytes hello, Consumer<SSLParameters> settings) throws SSLException {
        SSLEngine server = context().createSSLEngine();
        SSLParameters parameters = server.getSSLParameters();
        settings.accept(parameters);
        server.setSSLParameters(parameters);
        server.unwrap(ByteBuffer.wrap(hello.records(16_384)), ByteBuffer.allocate(1 << 15));
        return server.toString().contains("Conscrypt");
    }

    private static ClientHelloBytes tls13() {
        return ClientHelloBytes.tls13().serverName("a.example");
    }

    private static ClientHelloBytes tls12() {
        return ClientHelloBytes.tls12().serverName("a.example");
    }

    @Test
    void everyKeyType_bothVersions_areServedByConscrypt() throws SSLException {
        for (KeyType type : KeyType.values()) {
            index.put(Subject.of(type + ".example"), ca.issue(type, FROM, LIFETIME, type + ".example"));
            for (String version : TlsDefaults.PROTOCOLS) {
                String name = type + ".example";
                Conversation conversation = new Conversation(
                                Conversation.client(
                                        Conversation.trusting(ca),
                                        name,
                                        parameters -> parameters.setProtocols(new String[] {version})),
                                context().createSSLEngine())
                        .handshake();
                assertThat(conversation.isConscrypt()).as(name).isTrue();
                assertThat(conversation.client.getSession().getProtocol()).isEqualTo(version);
                assertThat(conversation.say(conversation.client, "ping")).isEqualTo("ping");
            }
        }
    }

    @Test
    void longHello_isLeftToTheJdk() throws SSLException {
        assertThat(takes(tls13().paddedTo(16 * 1024), parameters -> {})).isTrue();
        SSLEngine server = context().createSSLEngine();
        ByteBuffer records = ByteBuffer.wrap(tls13().paddedTo(16 * 1024 + 1).records());
        while (records.hasRemaining()) {
            server.unwrap(records, ByteBuffer.allocate(1 << 15));
        }
        assertThat(server.toString()).doesNotContain("Conscrypt");
    }

    @Test
    void clientOfTls12_withoutTickets_isLeftToTheJdk() throws SSLException {
        assertThat(takes(tls12(), parameters -> {})).isFalse();
        assertThat(takes(tls12().extension(35, new byte[0]), parameters -> {})).isTrue();
        assertThat(takes(tls13(), parameters -> parameters.setProtocols(new String[] {"TLSv1.2"})))
                .isFalse();
        assertThat(takes(tls13(), parameters -> {})).isTrue();
    }

    @Test
    void settingsConscryptWouldNotHeed_areLeftToTheJdk() throws SSLException {
        assertThat(takes(tls13(), parameters -> parameters.setCipherSuites(without("TLS_CHACHA20_POLY1305_SHA256"))))
                .isFalse();
        assertThat(takes(tls13(), parameters -> parameters.setAlgorithmConstraints(new NoConstraints())))
                .isFalse();
        assertThat(takes(tls13(), parameters -> parameters.setNeedClientAuth(true)))
                .as("without a trust manager")
                .isFalse();
    }

    private static String[] without(String suite) {
        return TlsDefaults.CIPHER_SUITES.stream()
                .filter(other -> !other.equals(suite))
                .toArray(String[]::new);
    }

    @Test
    void listsOfServers_areTakenAsFarAsConscryptGoes() throws Exception {
        SSLContext jdk = SSLContext.getDefault();
        String[] everything = jdk.getSupportedSSLParameters().getCipherSuites();
        Consumer<SSLParameters> all = parameters -> {
            parameters.setCipherSuites(everything);
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2", "TLSv1.1"});
        };
        Consumer<SSLParameters> only13 = parameters -> parameters.setProtocols(new String[] {"TLSv1.3"});
        Consumer<SSLParameters> suitesOf13 =
                parameters -> parameters.setCipherSuites(ConscryptEngines.TLS13_SUITES.toArray(new String[0]));
        Consumer<SSLParameters> only12 = parameters -> {
            parameters.setProtocols(new String[] {"TLSv1.2"});
            parameters.setCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"});
        };
        for (Consumer<SSLParameters> settings : Arrays.asList(all, only13, suitesOf13)) {
            assertThat(spoken(settings)).isEqualTo("TLSv1.3");
        }
        assertThat(takes(tls12().extension(35, new byte[0]), only12)).isTrue();
    }

    private String spoken(Consumer<SSLParameters> settings) throws SSLException {
        SSLEngine server = context().createSSLEngine();
        SSLParameters parameters = server.getSSLParameters();
        settings.accept(parameters);
        server.setSSLParameters(parameters);
        Conversation conversation = new Conversation(
                        Conversation.client(Conversation.trusting(ca), "a.example", client -> {}), server)
                .handshake();
        assertThat(conversation.isConscrypt()).isTrue();
        return conversation.client.getSession().getProtocol();
    }

    @Test
    void property_keepsTheJdk() throws SSLException {
        System.setProperty("autotls.engine", "jdk");
        try {
            assertThat(takes(tls13(), parameters -> {})).isFalse();
        } finally {
            System.clearProperty("autotls.engine");
        }
        assertThat(takes(tls13(), parameters -> {})).isTrue();
    }

    @Test
    void contexts_areBoundedAndReplacedWithTheirEntry() throws Exception {
        NameContexts contexts = new NameContexts(Conscrypt.newProvider(), new TrustManager[0], 100);
        SSLParameters settings = new SSLParameters();
        IndexEntry entry = entry("x.wild.example");
        IntStream.range(0, 1000).forEach(i -> contexts.find(Optional.of("n" + i + ".wild.example"), entry, settings));
        assertThat(contexts.size()).isBetween(50, 100);
        SSLContext first = found(contexts, "x.wild.example", entry, settings);
        assertThat(found(contexts, "x.wild.example", entry, settings)).isSameAs(first);
        IntStream.range(0, 60).forEach(i -> contexts.find(Optional.of("m" + i + ".wild.example"), entry, settings));
        assertThat(found(contexts, "x.wild.example", entry, settings))
                .as("used again, so kept")
                .isSameAs(first);
        assertThat(found(contexts, "y.wild.example", entry, settings)).isNotSameAs(first);
        assertThat(contexts.find(Optional.empty(), entry, settings).orElseThrow())
                .isNotSameAs(contexts.find(Optional.empty(), entry, settings).orElseThrow());
        SSLParameters asking = new SSLParameters();
        asking.setWantClientAuth(true);
        assertThat(found(contexts, "x.wild.example", entry, asking)).isNotSameAs(first);
        index.put(Subject.of("*.wild.example"), ca.issue(FROM, LIFETIME, "*.wild.example"));
        assertThat(found(contexts, "x.wild.example", entry("x.wild.example"), settings))
                .isNotSameAs(first);
    }

    private static SSLContext found(NameContexts contexts, String name, IndexEntry entry, SSLParameters settings) {
        return contexts.find(Optional.of(name), entry, settings).orElseThrow();
    }

    private IndexEntry entry(String name) {
        return index.current().find(name).orElseThrow();
    }

    @Test
    void hellosOfRealClients_tellTheirTickets() {
        ClientHelloReader reader = new ClientHelloReader();
        Peek peek =
                reader.read(ByteBuffer.wrap(tls12().extension(35, new byte[0]).records()));
        ClientHello hello = ((Peek.Hello) peek).hello();
        assertThat(hello.takesTickets()).isTrue();
        assertThat(hello.length()).isEqualTo(tls12().extension(35, new byte[0]).message().length);
    }

    @Test
    void chainOfConscrypt_isTheEntrys() throws SSLException {
        Conversation conversation = new Conversation(
                        Conversation.client(Conversation.trusting(ca), "x.wild.example", parameters -> {}),
                        context().createSSLEngine())
                .handshake();
        assertThat(conversation.client.getSession().getPeerCertificates())
                .isEqualTo(entry("x.wild.example").bundle().chain().toArray(new X509Certificate[0]));
    }

    /** A server's own constraints, which allow everything. */
    private static final class NoConstraints implements AlgorithmConstraints {

        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, String algorithm, AlgorithmParameters parameters) {
            return true;
        }

        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
            return true;
        }

        @Override
        public boolean permits(
                Set<CryptoPrimitive> primitives, String algorithm, Key key, AlgorithmParameters parameters) {
            return true;
        }
    }
}
