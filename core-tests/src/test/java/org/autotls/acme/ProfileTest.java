package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import java.util.Map;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** draft-ietf-acme-profiles. */
class ProfileTest {

    private static final Map<String, String> OFFERED =
            Map.of("classic", "https://ca.example/classic", "shortlived", "https://ca.example/shortlived");

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;

    @AfterEach
    void close() {
        fixture.close();
    }

    private AcmeIssuerBuilder builder() {
        return fixture.builder().responders(List.of(fixture.responder));
    }

    @Test
    void preferred_offered_isOrdered() throws Exception {
        ca.settings().profiles(OFFERED);
        await(builder().profile("classic").build(), request(new MemoryJournal(), "a.example"));
        assertThat(ca.orderedProfiles()).containsExactly("classic");
    }

    @Test
    void B22_preferred_notOffered_isTheDefault() throws Exception {
        await(builder().profile("classic").build(), request(new MemoryJournal(), "a.example"));
        assertThat(ca.orderedProfiles()).containsExactly("");
    }

    @Test
    void B22_preferred_refusedForThisOrder_isOrderedWithout() throws Exception {
        ca.settings().profiles(OFFERED);
        ca.script(FakeCa.Kind.NEW_ORDER, Fault.problem(400, "invalidProfile"));
        await(builder().profile("classic").build(), request(new MemoryJournal(), "192.0.2.1"));
        assertThat(ca.orderedProfiles()).containsExactly("");
    }

    @Test
    void B22_required_notOffered_namesThoseThereAre() {
        ca.settings().profiles(OFFERED);
        IssueException failure =
                failure(builder().requiredProfile("tlsclient").build(), request(new MemoryJournal(), "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure)
                .hasMessageContaining("tlsclient")
                .hasMessageContaining("classic")
                .hasMessageContaining("shortlived");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isZero();
    }

    @Test
    void B22_required_refusedByTheCa_isConfiguration() {
        ca.settings().profiles(OFFERED);
        ca.script(FakeCa.Kind.NEW_ORDER, Fault.problem(400, "invalidProfile"));
        assertThat(failure(builder().requiredProfile("classic").build(), request(new MemoryJournal(), "a.example"))
                        .kind())
                .isEqualTo(Kind.CONFIGURATION);
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }

    @Test
    void address_nothingChosen_isShortlivedWhereOffered() throws Exception {
        await(builder().build(), request(new MemoryJournal(), "192.0.2.1"));
        ca.settings().profiles(OFFERED);
        await(builder().build(), request(new MemoryJournal(), "192.0.2.1"));
        await(builder().build(), request(new MemoryJournal(), "a.example", "2001:db8::1"));
        await(builder().build(), request(new MemoryJournal(), "a.example"));
        await(builder().requiredProfile("classic").build(), request(new MemoryJournal(), "192.0.2.1"));
        assertThat(ca.orderedProfiles()).containsExactly("", "shortlived", "shortlived", "", "classic");
    }
}
