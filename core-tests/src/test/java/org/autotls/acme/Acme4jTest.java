package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.RevocationReason;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** An independent client issues from our fake CA: both readings of RFC 8555 agree. */
class Acme4jTest {

    /** Trusts the fake CA's root. */
    private static final class TrustingProvider extends GenericAcmeProvider {

        private final FakeCa ca;

        TrustingProvider(FakeCa ca) {
            this.ca = ca;
        }

        @Override
        protected HttpConnector createHttpConnector(NetworkSettings settings, HttpClient client) {
            try {
                KeyStore anchors = KeyStore.getInstance("PKCS12");
                anchors.load(null, null);
                anchors.setCertificateEntry("root", ca.root());
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(anchors);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, trust.getTrustManagers(), null);
                return new HttpConnector(
                        settings, HttpClient.newBuilder().sslContext(context).build());
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void acme4j_wholeIssuance_agrees() throws Exception {
        try (FakeCa ca = FakeCa.start()) {
            ca.settings().termsOfService("https://ca.example/terms").looksUntilDone(1);
            KeyPair accountKey = AcmeFixture.newKey();
            Session session = new Session(ca.directory(), new TrustingProvider(ca));
            Account account = new AccountBuilder()
                    .agreeToTermsOfService()
                    .addEmail("a@a.example")
                    .useKeyPair(accountKey)
                    .create(session);
            Order order = account.newOrder().domains("a.example", "b.example").create();
            for (Authorization authorization : order.getAuthorizations()) {
                Http01Challenge challenge =
                        authorization.findChallenge(Http01Challenge.class).orElseThrow();
                assertThat(challenge.getAuthorization())
                        .isEqualTo(AccountKey.of(accountKey).keyAuthorization(challenge.getToken()));
                challenge.trigger();
                assertThat(authorization.waitForCompletion(Duration.ofSeconds(30)))
                        .isEqualTo(Status.VALID);
            }
            assertThat(order.waitUntilReady(Duration.ofSeconds(30))).isEqualTo(Status.READY);
            KeyPair key = AcmeFixture.newKey();
            order.execute(CertificateRequests.encode(org.autotls.Subject.of("a.example", "b.example"), key));
            assertThat(order.waitForCompletion(Duration.ofSeconds(30))).isEqualTo(Status.VALID);
            assertThat(order.getCertificate().getCertificateChain())
                    .isEqualTo(List.of(ca.issued().get(0), ca.root()));
            assertThat(ca.contacts()).containsExactly(List.of("mailto:a@a.example"));
        }
    }

    @Test
    void acme4j_externalAccountBinding_agrees() throws Exception {
        try (FakeCa ca = FakeCa.start()) {
            String macKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
            ca.settings().externalAccounts(Map.of("kid-1", macKey));
            Session session = new Session(ca.directory(), new TrustingProvider(ca));
            assertThat(session.getMetadata().isExternalAccountRequired()).isTrue();
            Account account = new AccountBuilder()
                    .withKeyIdentifier("kid-1", macKey)
                    .useKeyPair(AcmeFixture.newKey())
                    .create(session);
            assertThat(account.getStatus()).isEqualTo(Status.VALID);
            assertThatThrownBy(() -> new AccountBuilder()
                            .withKeyIdentifier("kid-2", macKey)
                            .useKeyPair(AcmeFixture.newKey())
                            .create(session))
                    .isInstanceOf(AcmeException.class);
        }
    }

    @Test
    void acme4j_keyChangeRevokeAndDeactivate_agree() throws Exception {
        try (FakeCa ca = FakeCa.start()) {
            ca.settings().authorizationsValid(true);
            Session session = new Session(ca.directory(), new TrustingProvider(ca));
            Account account =
                    new AccountBuilder().useKeyPair(AcmeFixture.newKey()).create(session);
            Order order = account.newOrder().domains("a.example").create();
            order.execute(CertificateRequests.encode(org.autotls.Subject.of("a.example"), AcmeFixture.newKey()));
            assertThat(order.waitForCompletion(Duration.ofSeconds(30))).isEqualTo(Status.VALID);
            KeyPair next = AcmeFixture.newKey();
            account.changeKey(next);
            Account found = new AccountBuilder().useKeyPair(next).onlyExisting().create(session);
            assertThat(found.getLocation()).isEqualTo(account.getLocation());
            order.getCertificate().revoke(RevocationReason.KEY_COMPROMISE);
            assertThat(ca.revoked()).containsValue(1);
            account.deactivate();
            assertThat(ca.accountStatuses()).containsExactly("deactivated");
        }
    }

    @Test
    void acme4j_profilesAndAlternateChains_agree() throws Exception {
        try (FakeCa ca = FakeCa.start()) {
            ca.settings()
                    .authorizationsValid(true)
                    .profiles(Map.of("shortlived", "https://ca.example/shortlived"))
                    .alternateRoots(new TestCa("Other Root"));
            Session session = new Session(ca.directory(), new TrustingProvider(ca));
            assertThat(session.getMetadata().getProfiles()).containsExactly("shortlived");
            Account account =
                    new AccountBuilder().useKeyPair(AcmeFixture.newKey()).create(session);
            Order order = account.newOrder()
                    .domains("a.example")
                    .profile("shortlived")
                    .create();
            assertThat(order.getProfile()).contains("shortlived");
            order.execute(CertificateRequests.encode(org.autotls.Subject.of("a.example"), AcmeFixture.newKey()));
            assertThat(order.waitForCompletion(Duration.ofSeconds(30))).isEqualTo(Status.VALID);
            assertThat(order.getCertificate()
                            .findCertificate("Other Root")
                            .orElseThrow()
                            .getCertificateChain())
                    .hasSize(2)
                    .isNotEqualTo(order.getCertificate().getCertificateChain());
        }
    }
}
