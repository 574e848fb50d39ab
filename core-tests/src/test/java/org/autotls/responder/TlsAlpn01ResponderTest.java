package org.autotls.responder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.Responder;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.ResponderContract;
import org.autotls.tls.ClientHello;
import org.autotls.tls.ClientHelloReader;
import org.autotls.tls.HandshakeDecision;
import org.autotls.tls.HandshakePolicy;
import org.autotls.tls.LiveIndex;
import org.autotls.tls.Peek;
import org.bouncycastle.asn1.ASN1OctetString;
import org.junit.jupiter.api.Test;

class TlsAlpn01ResponderTest extends ResponderContract {

    private static final String ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

    private final ManualClock clock = new ManualClock();
    private final TlsAlpn01Responder responder = new TlsAlpn01Responder(clock, new SecureRandom());

    @Override
    protected Responder responder() {
        return responder;
    }

    @Override
    protected boolean isAnswered(Responder any, Challenge challenge) {
        return responder
                .find(challenge.identifier().value())
                .filter(bundle -> Arrays.equals(digest(bundle.leaf()), sha256(challenge.keyAuthorization())))
                .isPresent();
    }

    @Override
    protected boolean passLifetime() {
        clock.advance(Duration.ofHours(1));
        return true;
    }

    @Test
    void J1_certificate_isWhatRfc8737Asks() throws Exception {
        responder.present(challenge(responder, Identifier.of("a.example"), "token-1"));
        CertificateBundle bundle = responder.find("a.example").orElseThrow();
        X509Certificate leaf = bundle.leaf();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(2, "a.example"));
        assertThat(leaf.getCriticalExtensionOIDs()).containsExactly(ACME_IDENTIFIER);
        leaf.verify(leaf.getPublicKey());
        leaf.checkValidity(java.util.Date.from(clock.instant()));
        assertThat(bundle.chain()).hasSize(1);
        assertThat(responder.find("a.example").orElseThrow())
                .as("the same instance while pending")
                .isSameAs(bundle);
    }

    @Test
    void J6_validatorThatKnowsOneKindOfKey_getsACertificateWithThat() throws Exception {
        Challenge challenge = challenge(responder, Identifier.of("a.example"), "token-1");
        responder.present(challenge);
        HandshakePolicy policy = new HandshakePolicy(new LiveIndex(clock), responder);
        for (int suite : new int[] {0xc02b, 0xc02f, 0x1301}) { // ECDSA, RSA, neither is known
            HandshakeDecision decision = policy.decide(
                    hello(ClientHelloBytes.bare(suite).serverName("a.example").alpn("acme-tls/1")));
            CertificateBundle answer = ((HandshakeDecision.Answer) decision).answer();
            assertThat(answer.privateKey().getAlgorithm()).isEqualTo(suite == 0xc02f ? "RSA" : "EC");
            assertThat(digest(answer.leaf())).isEqualTo(sha256(challenge.keyAuthorization()));
            answer.leaf().verify(answer.leaf().getPublicKey());
        }
    }

    private static ClientHello hello(ClientHelloBytes bytes) {
        return ((Peek.Hello) new ClientHelloReader().read(ByteBuffer.wrap(bytes.records()))).hello();
    }

    @Test
    void J4_upperCase_isFound() {
        responder.present(challenge(responder, Identifier.of("a.example"), "token-1"));
        assertThat(responder.find("A.Example")).isPresent();
        assertThat(responder.find("a.example.")).isEmpty();
        assertThat(responder.find("")).isEmpty();
    }

    @Test
    void J5_longName_isNoProblem() {
        String name = "a".repeat(60) + "." + "b".repeat(60) + "." + "c".repeat(60) + ".example";
        responder.present(challenge(responder, Identifier.of(name), "token-1"));
        assertThat(responder.find(name)).isPresent();
    }

    @Test
    void present_ipAddress_answersItsReverseName() throws Exception {
        responder.present(challenge(responder, Identifier.of("192.0.2.1"), "token-1"));
        responder.present(challenge(responder, Identifier.of("2001:db8::1"), "token-2"));
        X509Certificate leaf =
                responder.find("1.2.0.192.in-addr.arpa").orElseThrow().leaf();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(7, "192.0.2.1"));
        assertThat(responder.find("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"))
                .isPresent();
        assertThat(responder.find("192.0.2.1")).isEmpty();
    }

    @Test
    void present_moreThanTenThousand_oldestIsForgotten() {
        for (int i = 0; i <= 10_000; i++) {
            // Certificates take time; the bound is the map's, so it is shown on the quicker responder's type too.
            pending.add("n" + i, challenge(responder, Identifier.of("a.example"), "t" + i), Optional.of(i));
        }
        assertThat(pending.find("n0", any -> true)).isEmpty();
        assertThat(pending.find("n1", any -> true)).isPresent();
    }

    private final PendingChallenges<Optional<Integer>> pending = new PendingChallenges<>(clock);

    private static byte[] digest(X509Certificate leaf) {
        byte[] wrapped = leaf.getExtensionValue(ACME_IDENTIFIER);
        return ASN1OctetString.getInstance(ASN1OctetString.getInstance(wrapped).getOctets())
                .getOctets();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
