package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.autotls.CertificateBundle;
import org.autotls.IssuingService;
import org.autotls.KeyAlgorithm;
import org.autotls.KeyType;
import org.autotls.ServiceListener;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.OpensslSessions.Outcome;
import org.autotls.testkit.TlsProbe.Handshake;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every server that serves a {@link LiveIndex} must do, asked from outside: which names it serves, how it refuses, how
 * it answers {@code acme-tls/1}, what it resumes, and that a change of certificate fails no handshake. Tests begin with
 * the ID that docs/faults.md gives to what they provoke. Those tagged {@code rig} run the {@code openssl} program.
 */
public abstract class ServingContract extends ClientHelloTable {

    private static final String ECDHE_ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    private static final String ECDHE_RSA = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    private static final int SWAPS = 1000;
    private static final int RENEWALS = 100;
    private static final Duration RENEWED_LIFETIME = Duration.ofHours(6);

    /** Subclasses are made by JUnit. */
    protected ServingContract() {}

    @Test
    final void J1_pendingChallenge_isAnsweredAndClosed() throws Exception {
        restartServer();
        for (KeyType keyType : List.of(KeyType.EC_P256, KeyType.RSA_2048)) { // J6
            pending.put("new.example", ChallengeBundles.of(keyType, "new.example"));
            pending.put("a.example", ChallengeBundles.of(keyType, "a.example"));
            for (String version : VERSIONS) {
                for (String name : List.of("new.example", "a.example", "NEW.Example")) { // J4
                    Handshake handshake = probe().handshake(name, version, "acme-tls/1");
                    assertThat(handshake.leaf().getCriticalExtensionOIDs()).contains(ChallengeBundles.ACME_IDENTIFIER);
                    assertThat(handshake.applicationProtocol()).isEqualTo("acme-tls/1");
                    assertThat(handshake.protocol()).isEqualTo(version);
                    assertThat(handshake.closed()).isTrue();
                }
            }
        }
        assertThat(server().conversations()).as("what the application saw").isZero();
        assertThat(probe().handshake("a.example", "TLSv1.3").leaf().getNonCriticalExtensionOIDs())
                .doesNotContain(ChallengeBundles.ACME_IDENTIFIER);
    }

    @Test
    final void J2_nothingPending_isNoApplicationProtocol() throws Exception {
        restartServer();
        for (String name : List.of("a.example", "unknown.example", "x.wild.example", "A.EXAMPLE", "a_b.example")) {
            expect("alert 120", hello -> hello.serverName(name).alpn("acme-tls/1"));
        }
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
        expect("SERVER_HELLO", hello -> hello.serverName("a.example").alpn("acme-tls/1"));
        for (String name : List.of("b.example", "a.example.", ".a.example", "a.a.example")) { // J4
            expect("alert 120", hello -> hello.serverName(name).alpn("acme-tls/1"));
        }
        expect("alert 120", hello -> hello.alpn("acme-tls/1"));
        pending.clear();
        expect("alert 120", hello -> hello.serverName("a.example").alpn("acme-tls/1"));
        assertThat(server().conversations()).isZero();
    }

    @Test
    final void J3_acmeTls1AmongOthers_isAnOrdinaryConnection() throws SSLException {
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
        for (String version : VERSIONS) {
            Handshake handshake = probe().handshake("a.example", version, "acme-tls/1", "http/1.1");
            assertThat(handshake.leaf().getIssuerX500Principal())
                    .isEqualTo(ca.root().getSubjectX500Principal());
            assertThat(handshake.applicationProtocol()).isIn("", "http/1.1");
        }
        pending.put("new.example", ChallengeBundles.of(KeyType.EC_P256, "new.example"));
        expect("alert 112", hello -> hello.serverName("new.example").alpn("acme-tls/1", "http/1.1"));
        expect("alert 112", hello -> hello.serverName("new.example"));
    }

    @Test
    final void J4_J5_reverseNamesAndLongNames_areAnswered() throws SSLException {
        String label = "a".repeat(60);
        for (String name : List.of("1.2.0.192.in-addr.arpa", String.join(".", label, label, label, label))) {
            pending.put(name, ChallengeBundles.of(KeyType.EC_P256, name));
            assertThat(probe().handshake(name, "TLSv1.2", "acme-tls/1").closed())
                    .isTrue();
        }
    }

    @Test
    final void J8_twoOrdersForOneName_areAnsweredInTurn() throws SSLException {
        for (int i = 0; i < 3; i++) {
            CertificateBundle answer = ChallengeBundles.of(KeyType.EC_P256, "a.example");
            pending.put("a.example", answer);
            assertThat(probe().handshake("a.example", "TLSv1.3", "acme-tls/1").leaf())
                    .isEqualTo(answer.leaf());
        }
    }

    @Test
    final void J12_probesForRandomNames_areAllRefused() {
        Random random = new Random(12);
        for (int i = 0; i < 300; i++) {
            byte[] hello = ClientHelloBytes.tls13()
                    .serverName("n" + random.nextInt(1 << 20) + ".example")
                    .alpn("acme-tls/1")
                    .records();
            assertThat(probe().send(hello)).hasToString("alert 120");
        }
    }

    /**
     * Returns how many handshakes the contract does between one swap and the next.
     *
     * @return 1 unless overridden
     */
    protected int handshakesForEachSwap() {
        return 1;
    }

    @Test
    final void I17_twoCertificates_bySuiteInTls12_andThePrimaryWithoutTheOther() throws Exception {
        CertificateBundle ecdsa = serve("a.example");
        CertificateBundle rsa = serveRsaBeside("a.example");
        assertThat(leaf("a.example", ECDHE_ECDSA)).isEqualTo(ecdsa.leaf());
        assertThat(leaf("a.example", ECDHE_RSA)).isEqualTo(rsa.leaf());
        assertThat(leaf("a.example", ECDHE_RSA, ECDHE_ECDSA)).isEqualTo(ecdsa.leaf());
        for (String version : VERSIONS) {
            assertThat(probe().handshake("a.example", version).leaf()).isEqualTo(ecdsa.leaf());
        }
        assertThatThrownBy(() -> leaf("b.example", ECDHE_RSA)).isInstanceOf(SSLException.class);
        index.remove(Subject.of("a.example"));
        published();
        assertThat(leaf("a.example", ECDHE_RSA)).isEqualTo(rsa.leaf());
        assertThat(probe().handshake("a.example", "TLSv1.3").leaf()).isEqualTo(rsa.leaf());
        assertThatThrownBy(() -> leaf("a.example", ECDHE_ECDSA)).isInstanceOf(SSLException.class);
    }

    private CertificateBundle serveRsaBeside(String name) throws Exception {
        CertificateBundle rsa = ca.issue(KeyType.RSA_2048, FROM, LIFETIME, name);
        index.put(Subject.of(name).alternate(KeyAlgorithm.RSA), rsa);
        published();
        return rsa;
    }

    private X509Certificate leaf(String name, String... suites) throws SSLException {
        return probe().handshake(TlsProbe.trusting(ca.root()), name, parameters -> {
                    parameters.setProtocols(new String[] {"TLSv1.2"});
                    parameters.setCipherSuites(suites);
                    return parameters;
                })
                .leaf();
    }

    @TestFactory
    @Tag("rig")
    final Stream<DynamicTest> I17_twoCertificates_bySignatureAlgorithm(@TempDir Path directory) throws Exception {
        CertificateBundle ecdsa = serve("a.example");
        CertificateBundle rsa = serveRsaBeside("a.example");
        return Stream.of("-tls1_3", "-tls1_2", "-tls1_2 -no_ticket")
                .map(way -> dynamicTest(way, () -> {
                    OpensslSessions openssl = new OpensslSessions(server().port(), directory);
                    String[] both = with(way.split(" "), "-servername", "a.example");
                    String[] knowsRsa = with(both, "-sigalgs", "RSA-PSS+SHA256:RSA+SHA256");
                    String[] knowsEcdsa = with(both, "-sigalgs", "ECDSA+SHA256");
                    assertThat(openssl.leaf(both)).contains(ecdsa.leaf());
                    assertThat(openssl.leaf(knowsRsa)).contains(rsa.leaf());
                    assertThat(openssl.leaf(knowsEcdsa)).contains(ecdsa.leaf());
                    assertThat(openssl.leaf(
                                    with(way.split(" "), "-servername", "b.example", "-sigalgs", "RSA-PSS+SHA256")))
                            .isEmpty();
                    for (String[] client : List.of(knowsRsa, knowsEcdsa)) { // N8 for each
                        openssl.begin("own", client);
                        assertThat(openssl.offer("own", client)).isEqualTo(resumes() ? Outcome.REUSED : Outcome.NEW);
                        assertThat(openssl.offer("own", with(client, "-servername", "rsa.example")))
                                .isNotEqualTo(Outcome.REUSED);
                    }
                }));
    }

    @Test
    @Tag("long")
    final void M13_aThousandSwaps_failNoHandshake() throws Exception {
        SwapClients clients = new SwapClients(probe(), ca.root(), "a.example", new ManualClock());
        clients.start(2);
        Optional<Throwable> failure = Optional.empty();
        for (int swap = 0; swap < SWAPS && failure.isEmpty(); swap++) {
            CertificateBundle bundle = serve("a.example");
            clients.expect(bundle.leaf().getSerialNumber());
            failure = clients.awaitHandshakes(handshakesForEachSwap());
        }
        clients.stop();
        assertThat(failure).isEmpty();
        assertThat(clients.failure()).isEmpty();
        assertThat(clients.handshakes()).isGreaterThanOrEqualTo(SWAPS * handshakesForEachSwap());
    }

    /** The same with certificates that live for six hours, on a clock that the test moves, and by the service itself. */
    @Test
    @Tag("long")
    final void M13_aHundredRenewalsByTheService_failNoHandshake() throws Exception {
        ManualClock clock = new ManualClock(); // the index keeps its own: its minute of grace is one of real handshakes
        MemoryStore store = new MemoryStore(clock);
        FakeIssuer issuer = new FakeIssuer(ca, clock, RENEWED_LIFETIME);
        store.request(Subject.of("a.example"));
        SwapClients clients = new SwapClients(probe(), ca.root(), "a.example", clock);
        try (IssuingService service = renewing(store, issuer, clock)) {
            service.start();
            clients.start(2);
            for (int renewal = 1; renewal <= RENEWALS; renewal++) {
                clock.advance(
                        RENEWED_LIFETIME.multipliedBy(8).dividedBy(15)); // half is left; the draw is over a thirtieth
                CertificateBundle stored = store.find(Subject.of("a.example"))
                        .flatMap(StoredBundle::bundle)
                        .orElseThrow();
                assertThat(issuer.calls()).isGreaterThan(renewal);
                assertThat(stored.notAfter())
                        .isAfter(clock.instant()
                                .plus(RENEWED_LIFETIME.multipliedBy(2).dividedBy(5)));
                clients.expect(stored.leaf().getSerialNumber());
                assertThat(clients.awaitHandshakes(1)).isEmpty();
            }
        }
        clients.stop();
        assertThat(clients.failure()).isEmpty();
        assertThat(clients.handshakes()).isGreaterThanOrEqualTo(RENEWALS);
    }

    /** Everything on the thread that moves the clock. */
    private IssuingService renewing(MemoryStore store, FakeIssuer issuer, ManualClock clock) {
        return IssuingService.builder(store, store, () -> issuer)
                .scheduler(clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(Duration.ofHours(1)) // nobody else writes; each look costs this test real time
                .random(new SplittableRandom(7))
                .listener(new ServiceListener() {
                    @Override
                    public void changed(StoredBundle entry) {
                        entry.bundle().ifPresent(bundle -> index.put(entry.subject(), bundle));
                    }
                })
                .build();
    }

    @TestFactory
    @Tag("rig")
    final Stream<DynamicTest> N8_aSessionIsResumedUnderItsOwnNameOnly(@TempDir Path directory) {
        return Stream.of("-tls1_3", "-tls1_2", "-tls1_2 -no_ticket")
                .map(way -> dynamicTest(way, () -> checkResumption(directory, way.split(" "))));
    }

    private void checkResumption(Path directory, String... way) {
        OpensslSessions openssl = new OpensslSessions(server().port(), directory);
        assertThat(openssl.begin("a", with(way, "-servername", "a.example"))).isEqualTo(Outcome.NEW);
        assertThat(openssl.offer("a", with(way, "-servername", "a.example")))
                .isEqualTo(resumes() ? Outcome.REUSED : Outcome.NEW);
        assertThat(openssl.offer("a", with(way, "-servername", "b.example"))).isEqualTo(Outcome.NEW);
        assertThat(openssl.offer("a", with(way, "-servername", "unknown.example")))
                .isEqualTo(Outcome.REFUSED);
        assertThat(openssl.offer("a", with(way, "-noservername"))).isEqualTo(Outcome.REFUSED);
        openssl.begin("wild", with(way, "-servername", "x.wild.example"));
        assertThat(openssl.offer("wild", with(way, "-servername", "y.wild.example")))
                .as("another name of the same certificate")
                .isEqualTo(Outcome.NEW);
        index.putFallback(ca.issue(FROM, LIFETIME, "default.example"));
        assertThat(openssl.offer("a", with(way, "-noservername"))).isEqualTo(Outcome.NEW);
        openssl.begin("none", with(way, "-noservername"));
        assertThat(openssl.offer("none", with(way, "-noservername"))).isEqualTo(Outcome.NEW);
        assertThat(openssl.offer("none", with(way, "-servername", "a.example"))).isEqualTo(Outcome.NEW);
        index.removeFallback();
        serve("a.example");
        assertThat(openssl.offer("a", with(way, "-servername", "a.example")))
                .as("after the certificate was replaced")
                .isNotEqualTo(Outcome.REFUSED);
        index.remove(Subject.of("a.example"));
        assertThat(openssl.offer("a", with(way, "-servername", "a.example"))).isEqualTo(Outcome.REFUSED);
        serve("a.example");
    }

    @TestFactory
    @Tag("rig")
    final Stream<DynamicTest> J10_aSessionOfAValidation_isNotResumed(@TempDir Path directory) {
        pending.put("a.example", ChallengeBundles.of(KeyType.EC_P256, "a.example"));
        return Stream.of("-tls1_3", "-tls1_2")
                .map(version -> dynamicTest(version, () -> {
                    OpensslSessions openssl = new OpensslSessions(server().port(), directory);
                    String[] validation = {version, "-servername", "a.example", "-alpn", "acme-tls/1"};
                    assertThat(openssl.begin("v" + version, validation)).isEqualTo(Outcome.NEW);
                    assertThat(openssl.offer("v" + version, validation)).isEqualTo(Outcome.NEW);
                    assertThat(openssl.offer("v" + version, version, "-servername", "a.example"))
                            .isEqualTo(Outcome.NEW);
                    openssl.begin("o" + version, version, "-servername", "a.example");
                    assertThat(openssl.offer("o" + version, validation)).isEqualTo(Outcome.NEW);
                }));
    }

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
