package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.IssueException.Kind;
import org.autotls.IssueJournal;
import org.autotls.IssueRequest;
import org.autotls.IssuedCertificate;
import org.autotls.Subject;
import org.autotls.internal.CertificateIds;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9773 §5: an order that names the certificate it takes the place of. */
class ReplacesTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;
    private final AcmeIssuer issuer = fixture.issuer();

    @AfterEach
    void close() {
        fixture.close();
    }

    private static IssuedCertificate certificate(CertificateBundle bundle) {
        return new IssuedCertificate(CertificateIds.of(bundle.leaf()).orElseThrow(), bundle.origin());
    }

    private IssuedCertificate first() throws Exception {
        return certificate(await(issuer, request(new MemoryJournal(), "a.example")));
    }

    private static IssueRequest replacing(IssuedCertificate old, IssueJournal journal) {
        return new IssueRequest(
                Subject.of("a.example"), AcmeFixture::newKey, journal, () -> false, Optional.of(old), 0);
    }

    private static IssueRequest replacing(IssuedCertificate old) {
        return replacing(old, new MemoryJournal());
    }

    @Test
    void renewal_namesItsPredecessor_eachOnce() throws Exception {
        IssuedCertificate first = first();
        IssuedCertificate second = certificate(await(issuer, replacing(first)));
        await(issuer, replacing(second));
        assertThat(ca.orderedReplacements()).containsExactly("", first.id(), second.id());
    }

    @Test
    void predecessorOfAnotherAccountOrCa_isNotNamed() throws Exception {
        IssuedCertificate first = first();
        AcmeIssuer otherAccount = AcmeIssuer.builder(
                        ca.directory(), new MemoryStore(fixture.clock), fixture.clock, fixture.executor)
                .trustedRoots(List.of(ca.root()))
                .responders(List.of(fixture.responder))
                .build();
        await(otherAccount, replacing(first));
        await(issuer, replacing(new IssuedCertificate(first.id(), "https://ca.example/dir https://ca.example/1")));
        await(issuer, replacing(new IssuedCertificate(first.id(), "")));
        assertThat(ca.orderedReplacements()).containsExactly("", "", "", "");
    }

    @Test
    void A11_caWithoutRenewalInformation_isToldNothing() throws Exception {
        ca.settings().renewalInfo(false);
        await(issuer, replacing(first()));
        assertThat(ca.orderedReplacements()).containsExactly("", "");
    }

    /** What Let's Encrypt, Pebble and others say, by the cause; lego stopped renewing at the 500. */
    @ParameterizedTest
    @CsvSource({
        "409, alreadyReplaced",
        "400, malformed",
        "403, unauthorized",
        "404, malformed",
        "500, serverInternal",
        "400, somethingNew"
    })
    void B20_replacesRefused_ordersAgainWithout(int status, String type) throws Exception {
        IssuedCertificate first = first();
        Fault refusal = Fault.problem(status, type);
        int tries = status == 404 ? 2 : 1; // the first may mean that the resource has moved
        for (int i = 0; i < tries; i++) {
            ca.script(FakeCa.Kind.NEW_ORDER, refusal);
        }
        await(issuer, replacing(first));
        assertThat(ca.orderedReplacements()).containsExactly("", "");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2 + tries);
    }

    @Test
    void B20_replacedBefore_ordersAgainWithout() throws Exception {
        IssuedCertificate first = first();
        await(issuer, replacing(first));
        await(issuer, replacing(first));
        assertThat(ca.orderedReplacements()).containsExactly("", first.id(), "");
    }

    @ParameterizedTest
    @CsvSource({
        "429, rateLimited, RATE_LIMITED",
        "503, serverInternal, RATE_LIMITED",
        "400, rejectedIdentifier, REFUSED",
        "403, caa, REFUSED",
        "403, userActionRequired, CONFIGURATION"
    })
    void B20_refusedForAnotherReason_isNotOrderedAgain(int status, String type, Kind kind) throws Exception {
        IssuedCertificate first = first();
        ca.script(FakeCa.Kind.NEW_ORDER, Fault.problem(status, type, "Retry-After", "600"));
        assertThat(failure(issuer, replacing(first)).kind()).isEqualTo(kind);
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
    }

    @Test
    void B20_withoutReplacesItIsRefusedToo_thatIsTheFailure() throws Exception {
        IssuedCertificate first = first();
        ca.always(FakeCa.Kind.NEW_ORDER, Fault.problem(403, "unauthorized"));
        assertThat(failure(issuer, replacing(first)).kind()).isEqualTo(Kind.REFUSED);
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
    }

    @Test
    void profileRefused_replacesStays() throws Exception {
        ca.settings().profiles(Map.of("classic", "https://ca.example/classic"));
        IssuedCertificate first = first();
        ca.script(FakeCa.Kind.NEW_ORDER, Fault.problem(400, "invalidProfile"));
        await(
                fixture.builder()
                        .responders(List.of(fixture.responder))
                        .profile("classic")
                        .build(),
                replacing(first));
        assertThat(ca.orderedReplacements()).containsExactly("", first.id());
        assertThat(ca.orderedProfiles()).containsExactly("", "");
    }

    @Test
    void orderOfAnEarlierRun_isResumedAsItWasPlaced() throws Exception {
        IssuedCertificate first = first();
        MemoryJournal journal = new MemoryJournal();
        ca.script(FakeCa.Kind.FINALIZE, Fault.reply(500, "down"));
        assertThat(failure(issuer, replacing(first, journal)).kind()).isEqualTo(Kind.SERVER);
        await(issuer, replacing(first, journal));
        assertThat(ca.orderedReplacements()).containsExactly("", first.id());
    }
}
