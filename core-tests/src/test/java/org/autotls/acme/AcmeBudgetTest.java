package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.DomainNames;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssueRequest;
import org.autotls.IssuedCertificate;
import org.autotls.OrderBudget;
import org.autotls.OrderLimits;
import org.autotls.RateLimit;
import org.autotls.Subject;
import org.autotls.internal.CertificateIds;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.FakeCaLimits;
import org.autotls.testkit.FakeCaLimits.Limit;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Orders are counted before they are placed, so that the CA refuses none; what it pauses is told with its link. */
class AcmeBudgetTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final MemoryStore state = new MemoryStore(fixture.clock);
    private final OrderBudget budget = OrderBudget.stored(
            state,
            "https://ca.example/",
            OrderLimits.perAccount(new RateLimit(3, Duration.ofHours(3))),
            DomainNames.NONE,
            fixture.executor);
    private final AcmeLimits letsEncrypt = AcmeDirectories.named("letsencrypt").limits();

    @AfterEach
    void close() {
        fixture.close();
    }

    private AcmeIssuer issuer(AcmeLimits limits) {
        return fixture.builder()
                .responders(List.of(fixture.responder))
                .limits(limits)
                .budget(budget)
                .build();
    }

    @Test
    void caThatHasNoNameHere_mayBeOnesOwn_itsOrdersAreNotCounted() {
        assertThat(AcmeLimits.at(URI.create("https://ca.internal.example/directory"))
                        .orders())
                .isEqualTo(OrderLimits.NONE);
        assertThat(AcmeDirectories.ALL)
                .allSatisfy(ca -> assertThat(ca.limits().orders().perAccount()).isNotEqualTo(RateLimit.NONE));
    }

    @Test
    void budgetSpent_theCaIsNotAsked_andTheFailureSaysUntilWhen() throws Exception {
        Instant before = Instant.now();
        AcmeIssuer issuer = issuer(AcmeLimits.at(URI.create("https://other.example/")));
        await(issuer, request(new MemoryJournal(), "a.example"));
        await(issuer, request(new MemoryJournal(), "b.example"));
        IssueException failure = failure(issuer, request(new MemoryJournal(), "c.example"));
        assertThat(failure.kind()).isEqualTo(Kind.OVER_BUDGET);
        assertThat(failure.retryAt().orElseThrow())
                .isBetween(before.plusSeconds(3500), Instant.now().plusSeconds(3601));
        assertThat(issuer.allowance(Instant.now()).orders()).isZero();
        assertThat(fixture.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
    }

    @Test
    void budgetSpent_orderInFlight_isResumed() throws Exception {
        AcmeIssuer issuer = issuer(letsEncrypt);
        await(issuer, request(new MemoryJournal(), "a.example"));
        MemoryJournal journal = new MemoryJournal();
        fixture.ca.script(FakeCa.Kind.FINALIZE, Fault.reply(500, "oops"));
        assertThat(failure(issuer, request(journal, "b.example")).kind()).isEqualTo(Kind.SERVER);
        assertThat(issuer.allowance(Instant.now()).orders()).isZero();
        await(issuer, request(journal, "b.example"));
        assertThat(fixture.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
    }

    @Test
    void budgetSpent_orderThatNamesWhatItReplaces_isPlacedWhereTheCaDoesNotCountIt() throws Exception {
        fixture.ca.settings().limits(FakeCaLimits.none(fixture.clock).per(Limit.NEW_ORDERS, 2, Duration.ofHours(2)));
        AcmeIssuer issuer = issuer(letsEncrypt);
        CertificateBundle old = await(issuer, request(new MemoryJournal(), "a.example"));
        await(issuer, request(new MemoryJournal(), "b.example"));
        IssuedCertificate predecessor =
                new IssuedCertificate(CertificateIds.of(old.leaf()).orElseThrow(), old.origin());
        IssueRequest renewal = new IssueRequest(
                Subject.of("a.example"),
                AcmeFixture::newKey,
                new MemoryJournal(),
                () -> false,
                Optional.of(predecessor),
                0);
        await(issuer, renewal); // the CA would refuse one that counts
        assertThat(failure(issuer, request(new MemoryJournal(), "c.example")).kind())
                .isEqualTo(Kind.OVER_BUDGET);
        assertThat(fixture.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
    }

    @Test
    void paused_isTriedDaily_andTheLinkIsShown() {
        FakeCaLimits limits = FakeCaLimits.none(fixture.clock).pausedAfter(1);
        fixture.ca.settings().limits(limits).validator((type, identifier, token, key) -> false);
        AcmeIssuer issuer = fixture.issuer();
        assertThat(failure(issuer, request(new MemoryJournal(), "dead.example")).kind())
                .isEqualTo(Kind.UNPROVED);
        IssueException paused = failure(issuer, request(new MemoryJournal(), "dead.example"));
        assertThat(paused.kind()).isEqualTo(Kind.PAUSED);
        String link = paused.problem().orElseThrow().unpauseLink().orElseThrow();
        assertThat(link).startsWith("https://portal.fake-ca.example/unpause?jwt=");
        assertThat(paused).hasMessageStartingWith("the CA has paused this account; follow " + link);
        assertThat(limits.refused()).containsOnlyKeys(Limit.PAUSED);
    }

    /** Two certificates below a domain, one of a set: a third is kept back of each. */
    private AcmeIssuer issuerOfNames() {
        DomainNames lastTwo = new DomainNames() {
            @Override
            public String toAscii(String text) {
                return text;
            }

            @Override
            public Optional<String> registeredDomain(String name) {
                return Optional.of(name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1));
            }
        };
        OrderLimits published = new OrderLimits(
                new RateLimit(30, Duration.ofHours(3)),
                new RateLimit(3, Duration.ofHours(3)),
                new RateLimit(2, Duration.ofHours(2)));
        OrderBudget counted = OrderBudget.stored(state, "https://ca.example/", published, lastTwo, fixture.executor);
        return fixture.builder()
                .responders(List.of(fixture.responder))
                .limits(letsEncrypt)
                .budget(counted)
                .build();
    }

    @Test
    void domainSpent_theCaIsNotAsked_andOthersAre() throws Exception {
        FakeCaLimits limits = FakeCaLimits.none(fixture.clock).per(Limit.REGISTERED_DOMAIN, 2, Duration.ofHours(2));
        fixture.ca.settings().limits(limits);
        AcmeIssuer issuer = issuerOfNames();
        await(issuer, request(new MemoryJournal(), "a.one.example"));
        await(issuer, request(new MemoryJournal(), "b.one.example"));
        IssueException failure = failure(issuer, request(new MemoryJournal(), "c.one.example"));
        assertThat(failure.kind()).isEqualTo(Kind.OVER_BUDGET);
        assertThat(failure)
                .hasMessageStartingWith("ordering c.one.example at ")
                .hasMessageEndingWith(": certificates for one.example are used up");
        await(issuer, request(new MemoryJournal(), "a.two.example"));
        assertThat(issuer.allowance(Subject.of("c.one.example"), Instant.now()).orders())
                .isZero();
        assertThat(issuer.allowance(Instant.now()).orders()).isEqualTo(26);
        assertThat(fixture.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
        assertThat(limits.refused()).isEmpty();
    }

    /** CAs count certificates below a domain, and not tries: names that do not work must not use up those of others. */
    @Test
    void notProved_theDomainsPlaceIsGivenBack() throws Exception {
        fixture.ca.settings().validator((type, identifier, token, key) -> !identifier.startsWith("dead"));
        AcmeIssuer issuer = issuerOfNames();
        for (int i = 0; i < 4; i++) {
            assertThat(failure(issuer, request(new MemoryJournal(), "dead.one.example"))
                            .kind())
                    .isEqualTo(Kind.UNPROVED);
        }
        await(issuer, request(new MemoryJournal(), "a.one.example"));
        await(issuer, request(new MemoryJournal(), "b.one.example"));
        assertThat(failure(issuer, request(new MemoryJournal(), "c.one.example"))
                        .kind())
                .isEqualTo(Kind.OVER_BUDGET);
    }

    @Test
    void newOrderRefused_theDomainsPlaceIsGivenBack() throws Exception {
        AcmeIssuer issuer = issuerOfNames();
        for (int i = 0; i < 4; i++) {
            fixture.ca.script(FakeCa.Kind.NEW_ORDER, Fault.reply(400, "no"));
            failure(issuer, request(new MemoryJournal(), "a.one.example"));
        }
        await(issuer, request(new MemoryJournal(), "a.one.example"));
        await(issuer, request(new MemoryJournal(), "b.one.example"));
        assertThat(failure(issuer, request(new MemoryJournal(), "c.one.example"))
                        .kind())
                .isEqualTo(Kind.OVER_BUDGET);
    }

    @Test
    void domainSpent_renewalThatNamesWhatItReplaces_isPlaced() throws Exception {
        fixture.ca.settings().limits(FakeCaLimits.none(fixture.clock).per(Limit.EXACT_SET, 1, Duration.ofHours(2)));
        AcmeIssuer issuer = issuerOfNames();
        CertificateBundle old = await(issuer, request(new MemoryJournal(), "a.one.example"));
        assertThat(failure(issuer, request(new MemoryJournal(), "a.one.example")))
                .hasMessageEndingWith(": certificates for exactly these names are used up");
        IssuedCertificate predecessor =
                new IssuedCertificate(CertificateIds.of(old.leaf()).orElseThrow(), old.origin());
        await(
                issuer,
                new IssueRequest(
                        Subject.of("a.one.example"),
                        AcmeFixture::newKey,
                        new MemoryJournal(),
                        () -> false,
                        Optional.of(predecessor),
                        0));
        assertThat(fixture.ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
    }
}
