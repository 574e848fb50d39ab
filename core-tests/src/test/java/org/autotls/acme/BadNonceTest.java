package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Quiet;
import org.autotls.testkit.CaAnswers;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A CA that refuses good nonces (RFC 8555 §6.5), as all do now and then. Writes the figures of docs/faults.md to the log. */
@ExtendWith(Quiet.class)
@Tag("long")
class BadNonceTest {

    private static final Logger LOG = LoggerFactory.getLogger(BadNonceTest.class);

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final JumpingClock clock = fixture.jumpingClock();
    private final AcmeIssuer issuer = fixture.issuer(clock);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void A16_halfOfAllNoncesRefused_allOf200OrdersAtTheFirstTry() throws Exception {
        ca.settings().badNoncePercent(50);
        int done = 0;
        for (int i = 0; i < 200; i++) {
            done += tries(new MemoryJournal(), "n" + i + ".example", 1) == 1 ? 1 : 0;
        }
        LOG.info(
                "badNonce 50 %: {} of 200 orders at the first try, {} requests",
                done, ca.requests().size());
        assertThat(done).isEqualTo(200);
    }

    @Test
    void A16_nineOfTenNoncesRefused_allFinishByResuming() throws Exception {
        ca.settings().badNoncePercent(90);
        int tries = 0;
        for (int i = 0; i < 20; i++) {
            tries += tries(new MemoryJournal(), "n" + i + ".example", 50);
        }
        LOG.info(
                "badNonce 90 %: 20 of 20 orders in {} tries, {} orders placed, {} requests",
                tries, ca.orderedProfiles().size(), ca.requests().size());
        assertThat(ca.issued()).hasSize(20);
        assertThat(ca.orderedProfiles()).as("orders").hasSize(20);
    }

    @Test
    void A16_allNoncesRefused_boundedRequestsInEachTry() throws Exception {
        ca.settings().badNoncePercent(100);
        assertThat(tries(new MemoryJournal(), "a.example", 3)).isEqualTo(Integer.MAX_VALUE);
        LOG.info("badNonce 100 %: {} requests in 3 tries", ca.requests().size());
        assertThat(ca.requests().size()).isLessThanOrEqualTo(3 * 22);
    }

    @Test
    void A16_noNonceOnAnyAnswer_oneIsAskedForEachTime() throws Exception {
        for (FakeCa.Kind kind : FakeCa.Kind.values()) {
            if (kind != FakeCa.Kind.NEW_NONCE) {
                ca.always(kind, CaAnswers.named("no-nonce").fault());
            }
        }
        assertThat(tries(new MemoryJournal(), "a.example", 1)).isEqualTo(1);
        long signed = ca.requests().size() - ca.count(FakeCa.Kind.DIRECTORY) - ca.count(FakeCa.Kind.NEW_NONCE);
        assertThat(ca.count(FakeCa.Kind.NEW_NONCE)).isEqualTo(signed);
    }

    @Test
    void A16_nonceThatWasNeverGivenOrCannotBeOne_costsOneMoreRequest() throws Exception {
        for (String name : List.of(
                "nonce-never-given",
                "nonce-of-10-kilobytes",
                "nonce-with-odd-characters",
                "nonce-empty",
                "two-nonces")) {
            ca.script(FakeCa.Kind.NEW_ORDER, CaAnswers.named(name).fault());
            assertThat(tries(new MemoryJournal(), "a.example", 1)).as(name).isEqualTo(1);
        }
        ca.script(FakeCa.Kind.ORDER, Fault.problem(400, "badNonce")); // of a POST-as-GET
        assertThat(tries(new MemoryJournal(), "a.example", 1)).isEqualTo(1);
    }

    /** How many tries it took; the largest number if {@code most} were not enough. */
    private int tries(MemoryJournal journal, String name, int most) throws Exception {
        for (int count = 1; count <= most; count++) {
            try {
                issuer.issue(AcmeFixture.request(journal, name))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
                return count;
            } catch (ExecutionException e) {
                assertThat(e)
                        .cause()
                        .isInstanceOfSatisfying(
                                IssueException.class,
                                failure -> assertThat(failure.kind()).isEqualTo(Kind.SERVER));
                clock.advance(Duration.ofMinutes(1));
            }
        }
        return Integer.MAX_VALUE;
    }
}
