package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.KeyType;
import org.autotls.internal.Certificates;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.autotls.testkit.TestCa;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a CA can return instead of the certificate: nothing of it leaves the issuer, and the next run orders anew. */
class HostileChainTest {

    private static final Duration LIFE = Duration.ofDays(90);

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final AcmeIssuer issuer = fixture.issuer();
    private final MemoryJournal journal = new MemoryJournal();
    private final Instant now = Instant.now();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void C1_leafForAnotherKey_isRefusedWithoutALoop() throws Exception {
        ca.settings()
                .leafMaker((by, key, names) ->
                        by.certify(AcmeFixture.newKey().getPublic(), now.minusSeconds(9), LIFE, "a.example"));
        refused("another key");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        recover();
    }

    @Test
    void C2_leafForOtherMissingOrMoreNames_isRefused() throws Exception {
        for (String[] wrong : new String[][] {{"evil.example"}, {"a.example", "evil.example"}, {"*.a.example"}}) {
            ca.settings().leafMaker((by, key, names) -> by.certify(key, now.minusSeconds(9), LIFE, wrong));
            refused("the leaf is for");
        }
        recover();
    }

    @Test
    void C2_leafThatCannotEvenBeRead_doesNotHoldTheNameUpForEver() throws Exception {
        ca.always(FakeCa.Kind.CERTIFICATE, Fault.rewrite(body -> body.replaceFirst("(?m)^MII", "AAA")));
        assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.SERVER);
        assertThat(journal.load()).isPresent();
        refused("not a certificate");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        recover();
    }

    @Test
    void C3_leafThatHasExpired_isRefusedWithoutALoop() throws Exception {
        ca.settings().leafMaker((by, key, names) -> by.certify(key, now.minus(LIFE), LIFE, "a.example"));
        refused("expired");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        recover();
    }

    @Test
    void C6_chainThatIsNone_isRefused() throws Exception {
        List<UnaryOperator<List<String>>> wrong = List.of(
                chain -> List.of(),
                chain -> List.of(chain.get(1)),
                chain -> List.of(chain.get(1), chain.get(0)),
                chain -> List.of(chain.get(0), chain.get(0), chain.get(1)),
                chain -> List.of(chain.get(0), Certificates.encode(new TestCa().root())),
                chain -> List.of(chain.get(0), chain.get(1), chain.get(0)),
                chain -> Stream.concat(Stream.of(chain.get(0)), Collections.nCopies(99, chain.get(1)).stream())
                        .toList());
        for (UnaryOperator<List<String>> one : wrong) {
            ca.script(FakeCa.Kind.CERTIFICATE, chain(one));
            IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
            assertThat(failure.kind()).isIn(Kind.BAD_CERTIFICATE, Kind.SERVER);
        }
        recover();
    }

    @Test
    void C6_rootThatHasExpired_isLeftOut() throws Exception {
        List<X509Certificate> old = new ArrayList<>();
        ca.settings().leafMaker((by, key, names) -> {
            old.add(OddCertificates.expiredRoot(by));
            return by.certify(key, now.minusSeconds(9), LIFE, "a.example");
        });
        ca.script(FakeCa.Kind.CERTIFICATE, chain(chain -> List.of(chain.get(0), Certificates.encode(old.get(0)))));
        assertThat(await(issuer, request(journal, "a.example")).chain()).hasSize(1);
    }

    @Test
    void C6_otherCertificateThatHasExpired_isKeptAndWarnedOf() {
        TestCa by = new TestCa();
        CertificateBundle sound = by.issue(now.minusSeconds(9), LIFE, "a.example");
        List<X509Certificate> chain =
                List.of(sound.leaf(), OddCertificates.expiredCrossSign(by, new TestCa("Old Root")));
        List<String> warnings = new ArrayList<>();
        assertThat(IssuedChain.usable(chain, now, warnings::add)).isEqualTo(chain);
        assertThat(warnings).singleElement().asString().contains("expired at 2021-09-30");
    }

    @Test
    void C7_pemInOtherShapes_isRead() throws Exception {
        List<UnaryOperator<String>> shapes = List.of(
                body -> body.replace("\n", "\r\n"),
                body -> "\ufeff" + body,
                body -> "subject=CN = a.example\n\n" + body + "the end",
                body -> body.stripTrailing(),
                body -> "\u0000\n" + body);
        for (UnaryOperator<String> shape : shapes) {
            ca.script(FakeCa.Kind.CERTIFICATE, Fault.rewrite(shape));
            assertThat(await(issuer, request(new MemoryJournal(), "a.example")).chain())
                    .hasSize(2);
        }
    }

    @Test
    void C7_whatIsNoPem_isTheServersTroubleAndAskedForAgain() throws Exception {
        List<UnaryOperator<String>> shapes = List.of(
                body -> body.substring(0, body.length() - 30),
                body -> body.replace("CERTIFICATE", "PRIVATE KEY"),
                body -> body.replaceAll("(?m)^M", "\u0000"),
                body -> body.replaceAll("(?m)^[A-Za-z0-9+/=]+$", "AAAA"),
                body -> body.replace("\n", ""));
        for (UnaryOperator<String> shape : shapes) {
            MemoryJournal kept = new MemoryJournal();
            ca.script(FakeCa.Kind.CERTIFICATE, Fault.rewrite(shape));
            assertThat(failure(issuer, request(kept, "a.example")).kind()).isEqualTo(Kind.SERVER);
            long orders = ca.count(FakeCa.Kind.NEW_ORDER);
            await(issuer, request(kept, "a.example"));
            assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(orders);
        }
    }

    @Test
    void C7_derInsteadOfPem_isTheServersTrouble() throws Exception {
        ca.script(FakeCa.Kind.CERTIFICATE, (exchange, usual, closing) -> {
            byte[] der = Certificates.der(ca.issued().get(ca.issued().size() - 1));
            new FakeCa.Reply(200, Map.of(), der).send(exchange);
        });
        assertThat(failure(issuer, request(journal, "a.example")).kind()).isEqualTo(Kind.SERVER);
        recover();
    }

    @Test
    void C7_moreThanAnyChain_isCutOff() throws Exception {
        ca.script(
                FakeCa.Kind.CERTIFICATE,
                Fault.rewrite(body -> body + "x".repeat(101_000)),
                Fault.rewrite(body -> body + "x".repeat(300_000)));
        assertThat(failure(issuer, request(journal, "a.example"))).hasMessageContaining("at most 100000");
        assertThat(failure(issuer, request(new MemoryJournal(), "a.example")))
                .hasMessageContaining("larger than 262144");
        recover();
    }

    @Test
    void C10_leafThatNoClientTakes_isRefused() throws Exception {
        ca.settings()
                .leafMaker((by, key, names) ->
                        OddCertificates.leaf(by, key, KeyPurposeId.id_kp_clientAuth, "SHA256withECDSA", false));
        refused("not for servers");
        ca.settings()
                .leafMaker((by, key, names) ->
                        OddCertificates.leaf(by, key, KeyPurposeId.id_kp_serverAuth, "SHA1withECDSA", false));
        refused("SHA1");
        recover();
    }

    @Test
    void C10_leafOfAnyUse_isTaken() throws Exception {
        ca.settings()
                .leafMaker((by, key, names) ->
                        OddCertificates.leaf(by, key, KeyPurposeId.anyExtendedKeyUsage, "SHA256withECDSA", false));
        await(issuer, request(journal, "a.example"));
    }

    @Test
    void C10_weakIssuerAndMustStaple_areWarnedOf() {
        TestCa by = new TestCa();
        KeyPair key = KeyType.EC_P256.generate(new SecureRandom());
        X509Certificate leaf =
                OddCertificates.leaf(by, key.getPublic(), KeyPurposeId.id_kp_serverAuth, "SHA256withECDSA", true);
        X509Certificate weak = OddCertificates.intermediate(by, rsa1024());
        List<String> warnings = new ArrayList<>();
        IssuedChain.usable(List.of(leaf, weak), now, warnings::add);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(0)).contains("CN=weak").contains("1024 bits");
        assertThat(warnings.get(1)).contains("OCSP stapling");
    }

    private static KeyPair rsa1024() {
        try {
            java.security.KeyPairGenerator generator = java.security.KeyPairGenerator.getInstance("RSA");
            generator.initialize(1024);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void refused(String why) {
        IssueException failure = failure(issuer, request(journal, "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.BAD_CERTIFICATE);
        assertThat(failure).hasMessageContaining(why);
        assertThat(journal.load()).as("what would download it again").isEmpty();
    }

    /** The CA is sound again. */
    private void recover() throws Exception {
        ca.heal();
        ca.settings().leafMaker((by, key, names) -> by.certify(key, now.minusSeconds(9), LIFE, "a.example"));
        CertificateBundle bundle = await(issuer, request(journal, "a.example"));
        assertThat(bundle.identifiers()).hasToString("[a.example]");
    }

    /** The usual answer with other certificates; those it has are the leaf and the root. */
    private static Fault chain(UnaryOperator<List<String>> change) {
        return (exchange, usual, closing) -> {
            FakeCa.Reply reply = usual.reply();
            String pem = new String(reply.body(), StandardCharsets.US_ASCII);
            List<String> certificates =
                    IssuedChain.parse(pem).stream().map(Certificates::encode).toList();
            byte[] body = String.join("", change.apply(certificates)).getBytes(StandardCharsets.US_ASCII);
            new FakeCa.Reply(reply.status(), reply.headers(), body).send(exchange);
        };
    }
}
