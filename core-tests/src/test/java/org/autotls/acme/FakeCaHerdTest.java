package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.autotls.CertificateBundle;
import org.autotls.IssuingService;
import org.autotls.ServiceListener;
import org.autotls.Subject;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.FakeCaLimits;
import org.autotls.testkit.FakeCaLimits.Limit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ten thousand orders over HTTPS, in real time, at a CA that refuses requests as Let's Encrypt's edge does. */
@Tag("rig")
@Tag("sweep") // minutes long, and about requests, not about the JDK
class FakeCaHerdTest {

    private static final Logger LOG = LoggerFactory.getLogger(FakeCaHerdTest.class);
    private static final int NAMES = 10_000;
    private static final int DEAD = 200;

    @Test
    void D6_tenThousandAtOnce_noRequestIsRefused() throws Exception {
        CountDownLatch left = new CountDownLatch(NAMES);
        KeyPair key = AcmeFixture.newKey();
        try (AcmeFixture fixture = new AcmeFixture()) {
            // Without the limit of orders per account, which would make this last for four days: BudgetHerdTest has it.
            FakeCaLimits limits =
                    FakeCaLimits.letsEncrypt(fixture.clock).per(Limit.NEW_ORDERS, 1_000_000, Duration.ofSeconds(1));
            fixture.ca
                    .settings()
                    .limits(limits)
                    .validator((type, identifier, token, authorization) -> !identifier.startsWith("dead"));
            MemoryStore store = new MemoryStore(fixture.clock);
            for (int i = 0; i < NAMES; i++) {
                store.request(Subject.of("n" + i + ".example"));
            }
            for (int i = 0; i < DEAD; i++) {
                store.request(Subject.of("dead" + i + ".example"));
            }
            AcmeIssuer issuer = fixture.issuer();
            Instant start = fixture.clock.instant();
            try (IssuingService service = IssuingService.builder(store, store, () -> issuer)
                    .scheduler(fixture.clock)
                    .keys(() -> key)
                    .maxInFlight(50)
                    .panic((failure, subject) -> {})
                    .listener(new ServiceListener() {
                        @Override
                        public void saved(Subject subject, CertificateBundle bundle) {
                            left.countDown();
                        }
                    })
                    .build()) {
                service.start();
                assertThat(left.await(45, TimeUnit.MINUTES)).isTrue();
            }
            LOG.warn(
                    "{} certificates and {} dead names in {} s, {} requests, refused: {}",
                    NAMES,
                    DEAD,
                    Duration.between(start, fixture.clock.instant()).toSeconds(),
                    fixture.ca.requests().size(),
                    limits.refused());
            assertThat(limits.refused()).isEmpty();
            assertThat(fixture.ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(1);
            assertThat(fixture.ca.count(FakeCa.Kind.DIRECTORY)).isEqualTo(1);
        }
    }
}
