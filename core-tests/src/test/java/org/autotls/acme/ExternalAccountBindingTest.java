package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import java.util.Map;
import org.autotls.ExternalAccount;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 8555 §7.3.4. */
class ExternalAccountBindingTest {

    private static final String KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private static final String OTHER = "b10lLJs8l1GPIzsLP0s6pMt8O0XVGnfTaCeROxQM0BIt2XrJMDHJZBM5NuQmQJQH";

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;

    @BeforeEach
    void ask() {
        ca.settings().externalAccounts(Map.of("kid-1", KEY));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private AcmeIssuerBuilder builder() {
        return fixture.builder().responders(List.of(fixture.responder));
    }

    @ParameterizedTest
    @EnumSource
    void register_bound_issues(ExternalAccount.Algorithm algorithm) throws Exception {
        AcmeIssuer issuer = builder()
                .externalAccount(ExternalAccount.of("kid-1", KEY).with(algorithm))
                .build();
        await(issuer, request(new MemoryJournal(), "a.example"));
        assertThat(ca.issued()).hasSize(1);
    }

    @Test
    void B6_register_unbound_saysWhatIsMissingAndMakesNoAccount() {
        IssueException failure = failure(builder().build(), request(new MemoryJournal(), "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("--eab-kid").hasMessageContaining("--eab-key-file");
        assertThat(ca.contacts()).isEmpty();
    }

    @Test
    void B6_register_wrongKey_isConfigurationAndShowsNoKey() {
        AcmeIssuer issuer =
                builder().externalAccount(ExternalAccount.of("kid-1", OTHER)).build();
        IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("kid-1").hasMessageNotContaining(OTHER);
    }

    @Test
    void find_accountBoundBefore_needsNoBinding() throws Exception {
        await(
                builder().externalAccount(ExternalAccount.of("kid-1", KEY)).build(),
                request(new MemoryJournal(), "a.example"));
        ca.settings().externalAccounts(Map.of("kid-2", OTHER)); // the first was good for once
        await(builder().build(), request(new MemoryJournal(), "b.example"));
        assertThat(ca.contacts()).hasSize(1);
    }
}
