package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.FakeCaLimits;
import org.autotls.testkit.FakeCaLimits.Limit;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The fake CA's limits refuse what the real ones refuse: without this, a herd that is refused nothing shows nothing. */
class FakeCaLimitsTest {

    private final ManualClock time = new ManualClock(Instant.now());
    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCaLimits limits = FakeCaLimits.none(time);
    private final AcmeIssuer issuer;

    FakeCaLimitsTest() {
        fixture.ca.settings().limits(limits);
        issuer = fixture.issuer();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private IssueException refused(String... names) {
        return failure(issuer, request(new MemoryJournal(), names));
    }

    private void issued(String... names) throws Exception {
        await(issuer, request(new MemoryJournal(), names));
    }

    @Test
    void newOrders_overTheLimit_refusedUntilOneIsBack() throws Exception {
        limits.per(Limit.NEW_ORDERS, 2, Duration.ofHours(2));
        issued("a.example");
        issued("b.example");
        Instant before = Instant.now();
        IssueException failure = refused("c.example");
        assertThat(failure.kind()).isEqualTo(Kind.RATE_LIMITED);
        assertThat(failure.retryAt().orElseThrow())
                .isBetween(before.plusSeconds(3590), Instant.now().plusSeconds(3620));
        time.advance(Duration.ofHours(1));
        issued("c.example");
        refused("d.example");
        assertThat(limits.refused()).isEqualTo(Map.of(Limit.NEW_ORDERS, 2L));
    }

    @Test
    void certificates_overTheLimits_refused() throws Exception {
        limits.per(Limit.EXACT_SET, 2, Duration.ofDays(7)).per(Limit.REGISTERED_DOMAIN, 3, Duration.ofDays(7));
        issued("a.one.example");
        issued("a.one.example");
        refused("a.one.example");
        issued("b.one.example");
        refused("c.one.example");
        issued("a.two.example");
        assertThat(limits.refused()).isEqualTo(Map.of(Limit.EXACT_SET, 1L, Limit.REGISTERED_DOMAIN, 1L));
    }

    @Test
    void failures_perHourThenInARow_refusedAndPausedWithALink() throws Exception {
        limits.per(Limit.FAILED_AUTHORIZATIONS, 2, Duration.ofHours(1)).pausedAfter(3);
        fixture.ca.settings().validator((type, identifier, token, key) -> false);
        assertThat(refused("dead.example").kind()).isEqualTo(Kind.UNPROVED);
        assertThat(refused("dead.example").kind()).isEqualTo(Kind.UNPROVED);
        assertThat(refused("dead.example").kind()).isEqualTo(Kind.RATE_LIMITED);
        time.advance(Duration.ofHours(1));
        assertThat(refused("dead.example").kind()).isEqualTo(Kind.UNPROVED);
        fixture.ca.settings().validator((type, identifier, token, key) -> true);
        assertThat(refused("dead.example")).hasMessageContaining("https://portal.fake-ca.example/unpause?jwt=");
        limits.unpause("dead.example");
        issued("dead.example");
        assertThat(limits.refused()).isEqualTo(Map.of(Limit.FAILED_AUTHORIZATIONS, 1L, Limit.PAUSED, 1L));
    }

    @Test
    void requests_tooManyPerSecond_refusedInBothForms() throws Exception {
        issued("a.example");
        limits.requests(FakeCa.Kind.NEW_ORDER, 1, 1);
        issued("b.example");
        for (int i = 0; i < 4; i++) {
            IssueException failure = refused("c.example");
            assertThat(failure.kind()).isEqualTo(Kind.RATE_LIMITED);
            assertThat(failure.retryAt()).isPresent();
        }
        time.advance(Duration.ofSeconds(1));
        issued("c.example");
        assertThat(limits.refused()).isEqualTo(Map.of(Limit.REQUESTS, 4L));
    }
}
