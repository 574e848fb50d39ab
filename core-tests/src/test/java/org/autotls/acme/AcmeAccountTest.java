package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.request;

import java.security.KeyPair;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.autotls.AccountKeyStore;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.StoreException;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AcmeAccountTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final AcmeIssuer issuer = fixture.issuer();
    private final AcmeAccount account = fixture.builder().buildAccount();

    /** Dies between the CA's answer and the file. */
    private static final class DyingKeys implements AccountKeyStore {
        private final AccountKeyStore keys;

        DyingKeys(AccountKeyStore keys) {
            this.keys = keys;
        }

        @Override
        public Optional<KeyPair> find() {
            return keys.find();
        }

        @Override
        public KeyPair loadOrCreate(Supplier<KeyPair> generator) {
            return keys.loadOrCreate(generator);
        }

        @Override
        public Optional<KeyPair> findNext() {
            return keys.findNext();
        }

        @Override
        public KeyPair loadOrCreateNext(Supplier<KeyPair> generator) {
            return keys.loadOrCreateNext(generator);
        }

        @Override
        public void replaceByNext() {
            throw StoreException.fatal("killed here");
        }

        @Override
        public void dropNext() {
            keys.dropNext();
        }
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private CertificateBundle issue(String name) throws Exception {
        return await(issuer, request(new MemoryJournal(), name));
    }

    private AcmeAccount accountWith(AccountKeyStore keys) {
        return AcmeIssuer.builder(ca.directory(), keys, fixture.clock, fixture.executor)
                .trustedRoots(List.of(ca.root()))
                .buildAccount();
    }

    private String thumbprint() {
        return AccountKey.of(fixture.accountKey.loadOrCreate(() -> {
                    throw new AssertionError("there is no account key");
                }))
                .thumbprint();
    }

    @Test
    void show_unregistered_saysSoAndRegistersNobody() {
        assertThatThrownBy(() -> get(account.show()))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
                .hasMessageContaining("no account");
        assertThat(ca.contacts()).isEmpty();
    }

    @Test
    void show_registered_isWhatTheCaHas() throws Exception {
        AcmeIssuer named = fixture.builder()
                .responders(List.of(fixture.responder))
                .email("a@a.example")
                .build();
        await(named, request(new MemoryJournal(), "a.example"));
        AcmeAccount.Details details = get(account.show());
        assertThat(details.status()).isEqualTo("valid");
        assertThat(details.contact()).containsExactly("mailto:a@a.example");
        assertThat(details.url())
                .hasToString(ca.directory()
                        .resolve("/account/" + details.thumbprint())
                        .toString());
        assertThat(details.thumbprint()).isEqualTo(thumbprint());
    }

    @Test
    void rollover_runningIssuer_loadsTheNewKeyAndTheAccountStays() throws Exception {
        issue("a.example");
        AcmeAccount.Details before = get(account.show());

        AcmeAccount.Details after = get(account.rollover());

        assertThat(after.url()).isEqualTo(before.url());
        assertThat(after.thumbprint()).isNotEqualTo(before.thumbprint()).isEqualTo(thumbprint());
        assertThat(fixture.accountKey.findNext()).isEmpty();
        issue("b.example"); // by the issuer that has the old key in memory
        assertThat(ca.issued()).hasSize(2);
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    @Test
    void rollover_killedAfterTheCaAgreed_nextRunFindsTheNewKey() throws Exception {
        issue("a.example");
        String old = thumbprint();
        AcmeAccount dying = accountWith(new DyingKeys(fixture.accountKey));
        assertThatThrownBy(() -> get(dying.rollover())).isInstanceOf(StoreException.class);
        assertThat(thumbprint()).isEqualTo(old);

        await(fixture.issuer(), request(new MemoryJournal(), "b.example"));

        assertThat(thumbprint()).isNotEqualTo(old);
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    @Test
    void rollover_answerLost_isFoundOutAtOnce() throws Exception {
        issue("a.example");
        String old = thumbprint();
        ca.script(FakeCa.Kind.KEY_CHANGE, Fault.loseAnswer());
        assertThat(get(account.rollover()).thumbprint()).isNotEqualTo(old).isEqualTo(thumbprint());
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    @Test
    void rollover_refused_oldKeyStaysInUseAndTheNextOneIsKept() throws Exception {
        issue("a.example");
        String old = thumbprint();
        ca.script(FakeCa.Kind.KEY_CHANGE, Fault.problem(500, "serverInternal"));
        assertThatThrownBy(() -> get(account.rollover()))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SERVER));
        await(fixture.issuer(), request(new MemoryJournal(), "b.example"));
        assertThat(thumbprint()).isEqualTo(old);
        String next = AccountKey.of(fixture.accountKey.findNext().orElseThrow()).thumbprint();
        assertThat(get(account.rollover()).thumbprint()).isEqualTo(next);
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    /** As Caddy's CA answers. */
    @Test
    void rollover_notImplemented_saysSoAndTheNextKeyIsDropped() throws Exception {
        issue("a.example");
        String old = thumbprint();
        ca.script(FakeCa.Kind.KEY_CHANGE, Fault.problem(501, "rejectedIdentifier"));
        assertThatThrownBy(() -> get(account.rollover()))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
                .hasMessageContaining("this CA does not change account keys");
        assertThat(fixture.accountKey.findNext()).isEmpty();
        assertThat(thumbprint()).isEqualTo(old);
    }

    @Test
    void rollover_answeredByWhatIsNoCa_keepsTheOldKey() throws Exception {
        issue("a.example");
        String old = thumbprint();
        ca.script(FakeCa.Kind.KEY_CHANGE, Fault.reply(200, "<html>welcome to the hotel</html>"));
        assertThatThrownBy(() -> get(account.rollover()))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SERVER))
                .hasMessageContaining("does not know the new one");
        assertThat(thumbprint()).isEqualTo(old);
        await(fixture.issuer(), request(new MemoryJournal(), "b.example"));
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    @Test
    void rollover_caCannot_isConfiguration() throws Exception {
        ca.always(FakeCa.Kind.DIRECTORY, Fault.rewrite(body -> body.replace("keyChange", "other")));
        issue("a.example");
        assertThatThrownBy(() -> get(account.rollover()))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
                .hasMessageContaining("change account keys");
    }

    @Test
    void deactivate_thenIssue_isConfiguration() throws Exception {
        issue("a.example");
        assertThat(get(account.deactivate()).status()).isEqualTo("deactivated");
        assertThat(ca.accountStatuses()).containsExactly("deactivated");
        assertThatThrownBy(() -> await(fixture.issuer(), request(new MemoryJournal(), "b.example")))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION));
    }

    @ParameterizedTest
    @EnumSource
    void revoke_byTheAccount_withEachReason(RevocationReason reason) throws Exception {
        CertificateBundle bundle = issue("a.example");
        assertThat(get(account.revoke(bundle.leaf(), bundle.privateKey(), reason)))
                .isTrue();
        assertThat(ca.revoked()).containsEntry(bundle.leaf(), reason.code());
        assertThat(get(account.revoke(bundle.leaf(), bundle.privateKey(), reason)))
                .as("again")
                .isFalse();
    }

    @Test
    void revoke_withoutAnAccount_isSignedByTheCertificatesKey() throws Exception {
        CertificateBundle bundle = issue("a.example");
        AcmeAccount stranger = accountWith(new MemoryStore(fixture.clock));
        assertThat(get(stranger.revoke(bundle.leaf(), bundle.privateKey(), RevocationReason.SUPERSEDED)))
                .isTrue();
        assertThat(ca.revoked()).containsEntry(bundle.leaf(), 4);
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    @Test
    void revoke_byAnotherAccount_isSignedByTheCertificatesKey() throws Exception {
        CertificateBundle bundle = issue("a.example");
        MemoryStore keys = new MemoryStore(fixture.clock);
        AcmeIssuer other = AcmeIssuer.builder(ca.directory(), keys, fixture.clock, fixture.executor)
                .trustedRoots(List.of(ca.root()))
                .responders(List.of(fixture.responder))
                .build();
        await(other, request(new MemoryJournal(), "b.example"));
        assertThat(get(accountWith(keys).revoke(bundle.leaf(), bundle.privateKey(), RevocationReason.SUPERSEDED)))
                .isTrue();
        assertThat(ca.revoked()).containsEntry(bundle.leaf(), 4);
        assertThat(ca.count(FakeCa.Kind.REVOKE)).isEqualTo(2);
    }

    @Test
    void revoke_afterDeactivation_isSignedByTheCertificatesKey() throws Exception {
        CertificateBundle bundle = issue("a.example");
        get(account.deactivate());
        assertThat(get(account.revoke(bundle.leaf(), bundle.privateKey(), RevocationReason.CESSATION_OF_OPERATION)))
                .isTrue();
        assertThat(ca.revoked()).containsEntry(bundle.leaf(), 5);
    }

    @Test
    void revoke_refused_fails() throws Exception {
        CertificateBundle bundle = issue("a.example");
        ca.always(FakeCa.Kind.REVOKE, Fault.problem(400, "badRevocationReason"));
        assertThatThrownBy(() -> get(account.revoke(bundle.leaf(), bundle.privateKey(), RevocationReason.SUPERSEDED)))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
        assertThat(ca.revoked()).isEmpty();
    }

    @Test
    void reason_isReadByItsName() {
        assertThat(RevocationReason.parse("keyCompromise")).isEqualTo(RevocationReason.KEY_COMPROMISE);
        assertThatThrownBy(() -> RevocationReason.parse("caCompromise"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("caCompromise")
                .hasMessageContaining("superseded");
    }
}
