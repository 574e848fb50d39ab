package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.autotls.CertificateBundle;
import org.autotls.FallbackIssuer;
import org.autotls.Issuer;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two CAs, one after the other, with one journal. */
class AcmeFallbackTest {

    private final AcmeFixture first = new AcmeFixture();
    private final AcmeFixture second = new AcmeFixture();
    private final MemoryJournal journal = new MemoryJournal();

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private CertificateBundle issue(Issuer issuer) throws Exception {
        return issuer.issue(request(journal, "a.example")).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void issue_firstFailsInTheMiddle_secondIssuesAndNothingStaysPublished() throws Exception {
        first.ca.always(FakeCa.Kind.FINALIZE, Fault.problem(500, "serverInternal"));
        issue(FallbackIssuer.of(List.of(first.issuer(), second.issuer())));
        assertThat(second.ca.issued()).hasSize(1);
        assertThat(first.responder.answerable).isEmpty();
        assertThat(first.issuer().resumes(journal.load().orElseThrow())).isFalse();
        assertThat(second.issuer().resumes(journal.load().orElseThrow())).isTrue();
    }

    @Test
    void issue_crashWithTheSecondsOrder_resumesItAndAsksNobodyElse() throws Exception {
        second.ca.script(FakeCa.Kind.CERTIFICATE, Fault.reply(429, "", "Retry-After", "60"));
        first.ca.always(FakeCa.Kind.NEW_ORDER, Fault.problem(500, "serverInternal"));
        try {
            throw new AssertionError(issue(FallbackIssuer.of(List.of(first.issuer(), second.issuer()))));
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e).hasMessageContaining(first.ca.directory().toString());
        }
        first.ca.heal();
        issue(FallbackIssuer.of(List.of(first.issuer(), second.issuer())));
        assertThat(first.ca.issued()).isEmpty();
        assertThat(second.ca.issued()).hasSize(1);
        assertThat(second.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
    }
}
