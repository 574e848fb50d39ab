package org.autotls.acme;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.autotls.IssueException;
import org.autotls.Scheduler;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Looking at a CA leaves nothing behind. */
class CaInspectionTest {

    private final AcmeFixture fixture = new AcmeFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private CaInspection inspection() {
        return fixture.builder().buildInspection();
    }

    private static <T> T done(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    private static IssueException failure(CompletionStage<?> stage) {
        try {
            throw new AssertionError("expected a failure, not " + done(stage));
        } catch (CompletionException e) {
            return (IssueException) requireNonNull(e.getCause());
        }
    }

    @Test
    void look_readsWhatTheDirectorySays() {
        fixture.ca.settings().termsOfService("https://ca.example/terms").profiles(Map.of("classic", "x"));
        fixture.ca.script(
                FakeCa.Kind.DIRECTORY,
                Fault.rewrite(body -> body.replace("\"meta\":{", "\"meta\":{\"caaIdentities\":[\"ca.example\",7],")));

        CaView view = done(inspection().look());

        assertThat(view.termsOfService()).isEqualTo("https://ca.example/terms");
        assertThat(view.profiles()).containsExactly("classic");
        assertThat(view.caaIdentities()).containsExactly("ca.example");
        assertThat(view.externalAccountRequired()).isFalse();
        assertThat(view.clockAhead().orElseThrow().abs()).isLessThan(Duration.ofSeconds(30));
        assertThat(fixture.ca.requests()).containsExactly(FakeCa.Kind.DIRECTORY, FakeCa.Kind.NEW_NONCE);
    }

    /** Two hours ahead. */
    private record Fast(Scheduler scheduler) implements Scheduler {
        @Override
        public Instant instant() {
            return scheduler.instant().plus(Duration.ofHours(2));
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            return scheduler.schedule(delay, task);
        }
    }

    @Test
    void look_clockThatIsAhead_isMeasured() {
        CaInspection inspection = AcmeIssuer.builder(
                        fixture.ca.directory(), fixture.accountKey, new Fast(fixture.clock), fixture.executor)
                .trustedRoots(List.of(fixture.ca.root()))
                .buildInspection();
        assertThat(done(inspection.look()).clockAhead().orElseThrow())
                .isBetween(Duration.ofMinutes(119), Duration.ofMinutes(121));
    }

    @Test
    void look_noDirectoryOrNoNonce_fails() {
        fixture.ca.script(FakeCa.Kind.DIRECTORY, Fault.reply(200, "<html>"), Fault.reply(404, ""));
        assertThat(failure(inspection().look())).hasMessageContaining("not with JSON");
        assertThat(failure(inspection().look())).hasMessageContaining("404");
        fixture.ca.script(FakeCa.Kind.NEW_NONCE, Fault.reply(503, ""));
        assertThat(failure(inspection().look())).hasMessageContaining("without a nonce");
    }

    @Test
    void account_withoutKey_asksNobodyAndMakesNone() {
        assertThat(done(inspection().account())).isEmpty();
        assertThat(fixture.accountKey.find()).isEmpty();
        assertThat(fixture.ca.requests()).isEmpty();
    }

    @Test
    void account_ofAKeyThatTheCaDoesNotKnow_isNotRegistered() {
        fixture.accountKey.loadOrCreate(AcmeFixture::newKey);
        assertThat(done(inspection().account())).isEmpty();
        assertThat(fixture.ca.contacts()).isEmpty();
    }

    @Test
    void account_known_isShown() throws Exception {
        AcmeFixture.await(fixture.issuer(), AcmeFixture.request(new org.autotls.testkit.MemoryJournal(), "a.example"));
        assertThat(done(inspection().account()).orElseThrow().status()).isEqualTo("valid");
    }

    @Test
    void account_afterAKeyChangeThatDidNotEnd_isFoundByTheNextKeyWhichStaysWhereItIs() throws Exception {
        AcmeFixture.await(fixture.issuer(), AcmeFixture.request(new org.autotls.testkit.MemoryJournal(), "a.example"));
        done(fixture.builder().buildAccount().rollover());
        KeyPair known = fixture.accountKey.find().orElseThrow();
        org.autotls.store.MemoryStore crashed = new org.autotls.store.MemoryStore(fixture.clock);
        crashed.loadOrCreate(AcmeFixture::newKey);
        crashed.loadOrCreateNext(() -> known);

        Optional<AcmeAccount.Details> found =
                done(AcmeIssuer.builder(fixture.ca.directory(), crashed, fixture.clock, fixture.executor)
                        .trustedRoots(List.of(fixture.ca.root()))
                        .buildInspection()
                        .account());

        assertThat(found).isPresent();
        assertThat(crashed.findNext()).isPresent();
    }

    @Test
    void account_deactivated_fails() throws Exception {
        AcmeFixture.await(fixture.issuer(), AcmeFixture.request(new org.autotls.testkit.MemoryJournal(), "a.example"));
        done(fixture.builder().buildAccount().deactivate());
        assertThat(failure(inspection().account()).kind()).isEqualTo(IssueException.Kind.REFUSED);
    }
}
