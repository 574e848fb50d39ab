package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.autotls.IssueException;
import org.autotls.Revision;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one run notes of the account, and the next one believes. */
class AccountNotesTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final MemoryStore state = new MemoryStore(fixture.clock);

    @AfterEach
    void close() {
        fixture.close();
    }

    /** A new run: nothing is in memory. */
    private AcmeIssuer nextRun() {
        return builder().build();
    }

    private AcmeIssuerBuilder builder() {
        return fixture.builder().responders(List.of(fixture.responder)).state(state);
    }

    private long accountRequests() {
        return ca.count(FakeCa.Kind.NEW_ACCOUNT);
    }

    @Test
    void nextRun_asksForNoAccount() throws Exception {
        await(nextRun(), request(new MemoryJournal(), "a.example"));
        await(nextRun(), request(new MemoryJournal(), "b.example"));
        assertThat(accountRequests()).isEqualTo(1);
        assertThat(ca.issued()).hasSize(2);
        assertThat(ca.contacts()).as("accounts").hasSize(1);
    }

    @Test
    void otherContact_isToldToTheCa() throws Exception {
        await(nextRun(), request(new MemoryJournal(), "a.example"));
        await(builder().email("new@example.com").build(), request(new MemoryJournal(), "b.example"));
        assertThat(ca.contacts()).containsExactly(List.of("mailto:new@example.com"));
    }

    @Test
    void accountIsGone_isRegisteredAgain() throws Exception {
        await(nextRun(), request(new MemoryJournal(), "a.example"));
        ca.forgetEverything();
        await(nextRun(), request(new MemoryJournal(), "b.example"));
        await(nextRun(), request(new MemoryJournal(), "c.example"));
        assertThat(accountRequests()).isEqualTo(2);
    }

    @Test
    void accountIsDeactivated_saysSoAsWithoutANote() throws Exception {
        await(nextRun(), request(new MemoryJournal(), "a.example"));
        builder().buildAccount().deactivate().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(failure(nextRun(), request(new MemoryJournal(), "b.example")).kind())
                .isEqualTo(IssueException.Kind.CONFIGURATION);
    }

    @Test
    void noteOfAnotherHost_isNotBelieved() throws Exception {
        await(nextRun(), request(new MemoryJournal(), "a.example"));
        String name = state.keys("accounts/").get(0);
        Revision revision = state.find(name).orElseThrow().revision();
        assertThat(state.save(name, "https://elsewhere.example/account/1", revision))
                .isPresent();
        await(nextRun(), request(new MemoryJournal(), "b.example"));
        assertThat(accountRequests()).isEqualTo(2);
        assertThat(state.find(name).orElseThrow().text()).doesNotContain("elsewhere");
    }
}
