package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.HttpsTestServer;
import org.autotls.testkit.MemoryJournal;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What can lie between us and a CA: its directory, its TLS, proxies, HTTP/2, and our own machine's habits. */
class HostileTransportTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final MemoryJournal journal = new MemoryJournal();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void A7_endlessBody_isCutNearTheLimit() {
        AtomicLong sent = new AtomicLong();
        ca.always(FakeCa.Kind.DIRECTORY, (exchange, usual, closing) -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            byte[] block = new byte[1 << 14];
            while (sent.get() < 1L << 30) {
                out.write(block); // fails once the client has cut it off
                sent.addAndGet(block.length);
            }
        });
        assertThat(failure(fixture.issuer(), request(journal, "a.example")).kind())
                .isIn(Kind.SERVER, Kind.NETWORK);
        assertThat(sent.get()).as("bytes until it was cut off").isLessThan(64L << 20);
    }

    @Test
    void A11_directoryWithoutWhatItNeeds_isNamedAndReadAgainNextTime() throws Exception {
        for (String member : List.of("newNonce", "newAccount", "newOrder")) {
            ca.script(FakeCa.Kind.DIRECTORY, Fault.rewrite(body -> body.replace(member, "x")));
            assertThat(failure(fixture.issuer(), request(journal, "a.example")))
                    .hasMessageContaining("has no " + member);
        }
        AcmeIssuer issuer = fixture.issuer();
        ca.script(FakeCa.Kind.DIRECTORY, Fault.rewrite(body -> body.replaceAll("(keyChange|revokeCert)", "x$1")));
        await(issuer, request(journal, "a.example"));
    }

    @Test
    void A11_directoryThatLeadsNowhere_doesNotLastForADay() throws Exception {
        JumpingClock clock = fixture.jumpingClock();
        AcmeIssuer issuer = fixture.issuer(clock);
        ca.script(FakeCa.Kind.DIRECTORY, Fault.rewrite(body -> body.replaceAll("localhost:\\d+", "localhost:1")));
        assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.NETWORK);
        clock.advance(Duration.ofSeconds(30)); // the soonest that a service tries again
        await(issuer, request(journal, "a.example"));
        assertThat(ca.count(FakeCa.Kind.DIRECTORY)).isEqualTo(2);
    }

    @Test
    void A12_certificateExpiredForAnotherHostOrSelfSigned_network() throws Exception {
        TestCa trusted = new TestCa();
        Instant now = Instant.now();
        List<CertificateBundle> wrong = List.of(
                trusted.issue(now.minus(Duration.ofDays(90)), Duration.ofDays(89), "localhost"),
                trusted.issue(now.minusSeconds(60), Duration.ofDays(90), "other.example"),
                new TestCa().issue(now.minusSeconds(60), Duration.ofDays(90), "localhost"));
        for (CertificateBundle bundle : wrong) {
            try (HttpsTestServer server = new HttpsTestServer(context(bundle))) {
                IssueException failure = failure(
                        issuer(URI.create("https://localhost:" + server.port() + "/"), trusted),
                        request(journal, "a.example"));
                assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
                assertThat(failure).hasMessageContaining("certificate");
            }
        }
    }

    @Test
    void A12_tlsThatIsTooOld_network() throws Exception {
        byte[] serverHelloOfTls10 = new byte[5 + 4 + 38];
        System.arraycopy(new byte[] {22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1}, 0, serverHelloOfTls10, 0, 11);
        serverHelloOfTls10[45] = (byte) 0x2f; // TLS_RSA_WITH_AES_128_CBC_SHA
        try (RawServer server = RawServer.plain(conversation -> {
            conversation.read(100);
            conversation.write(serverHelloOfTls10);
        })) {
            IssueException failure = failure(
                    issuer(URI.create("https://localhost:" + server.port() + "/"), new TestCa()),
                    request(journal, "a.example"));
            assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
        }
    }

    @Test
    void A13_proxyThatIsDeadWantsAPasswordOrTalksNonsense_classedAndNamed() throws Exception {
        String[] answers = {
            "",
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n<html>please log in</html>",
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        };
        for (String answer : answers) {
            try (RawServer proxy = RawServer.plain(conversation -> {
                conversation.read(20);
                conversation.write(answer.getBytes(StandardCharsets.US_ASCII));
            })) {
                IssueException failure = failure(behind(proxy.port()), request(journal, "a.example"));
                assertThat(failure.kind()).as(answer).isIn(Kind.NETWORK, Kind.SERVER);
                assertThat(failure).hasMessageContaining(ca.directory().toString());
            }
        }
        assertThat(ca.requests()).as("nothing went past the proxy").isEmpty();
        assertThat(failure(behind(1), request(journal, "a.example")).kind()).isEqualTo(Kind.NETWORK);
    }

    @Test
    void A17_http2StreamResetOrGoAway_isClassedAndNotRepeatedForEver() throws Exception {
        TestCa trusted = new TestCa();
        CertificateBundle bundle = trusted.issue(Instant.now().minusSeconds(60), Duration.ofDays(9), "localhost");
        for (Http2Directory.Mood mood : Http2Directory.Mood.values()) {
            try (Http2Directory server = new Http2Directory(context(bundle), mood)) {
                IssueException failure = failure(issuer(server.url(), trusted), request(journal, "a.example"));
                assertThat(failure.kind())
                        .as("%s: %s", mood, failure.getMessage())
                        .isIn(Kind.NETWORK, Kind.SERVER);
                assertThat(server.requests()).isPositive().isLessThan(10);
            }
        }
    }

    @Test
    void D5_localesCalendarsAndTimeZones_haveNoEffect() throws Exception {
        Locale locale = Locale.getDefault();
        TimeZone zone = TimeZone.getDefault();
        String[][] habits = {
            {"tr-TR", "Europe/Istanbul"}, {"ar-SA-u-ca-islamic-nu-arab", "Asia/Riyadh"},
            {"th-TH-u-ca-buddhist-nu-thai", "Asia/Bangkok"}, {"ja-JP-u-ca-japanese", "Pacific/Apia"},
        };
        await(fixture.issuer(), request(journal, "first.example")); // the log keeps the time zone of its first line
        try {
            for (String[] habit : habits) {
                Locale.setDefault(Locale.forLanguageTag(habit[0]));
                TimeZone.setDefault(TimeZone.getTimeZone(habit[1]));
                CertificateBundle bundle =
                        await(fixture.issuer(), request(new MemoryJournal(), "INFO.Example", "192.0.2.1"));
                assertThat(bundle.identifiers()).hasToString("[info.example, 192.0.2.1]");
                ca.script(
                        FakeCa.Kind.NEW_ORDER,
                        Fault.reply(503, "\u001b", "Retry-After", "Wed, 01 Jan 2098 00:00:00 GMT"));
                IssueException failure = failure(fixture.issuer(), request(new MemoryJournal(), "a.example"));
                assertThat(failure.kind()).isEqualTo(Kind.RATE_LIMITED);
                assertThat(failure).hasMessageContaining("answered 503, '\\u001b'");
            }
        } finally {
            Locale.setDefault(locale);
            TimeZone.setDefault(zone);
        }
    }

    private AcmeIssuer issuer(URI directory, TestCa trusted) {
        return AcmeIssuer.builder(directory, fixture.accountKey, fixture.clock, fixture.executor)
                .trustedRoots(List.of(trusted.root()))
                .responders(List.of(fixture.responder))
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    /** An issuer that was built while the JVM's proxy was this one. */
    private AcmeIssuer behind(int proxyPort) {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(
                        new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), proxyPort)));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        });
        try {
            return fixture.issuer();
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    private static SSLContext context(CertificateBundle bundle) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("ca", bundle.privateKey(), new char[0], bundle.chain().toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
