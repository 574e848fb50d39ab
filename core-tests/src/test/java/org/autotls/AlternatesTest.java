package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeIssuer;
import org.junit.jupiter.api.Test;

/** Two certificates for one name: I17 of docs/faults.md, as far as it is the service's. */
class AlternatesTest {

    private static final Subject A = Subject.of("a.example");
    private static final Subject A_RSA = A.alternate(KeyAlgorithm.RSA);
    private static final Duration POLL = Duration.ofHours(1);

    private final ServiceRig rig = new ServiceRig();
    private final FakeIssuer issuer = new FakeIssuer(request -> {
        KeyPair pair = request.keys().get();
        return CertificateBundle.of(
                pair.getPrivate(),
                List.of(
                        ServiceRig.CA.certify(pair.getPublic(), now(), Duration.ofDays(90), names(request.subject())),
                        ServiceRig.CA.root()));
    });

    private Instant now() {
        return rig.clock.instant();
    }

    private static String[] names(Subject subject) {
        return subject.identifiers().stream().map(Identifier::value).toArray(String[]::new);
    }

    private IssuingService started(Optional<KeyType> alternate) {
        return started(alternate, issuer);
    }

    private IssuingService started(Optional<KeyType> alternate, Issuer issuing) {
        IssuingServiceBuilder builder = IssuingService.builder(rig.store, rig.store, () -> issuing)
                .scheduler(rig.clock)
                .executor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .storeInterval(POLL)
                .random(new SplittableRandom(7))
                .panic((failure, subject) -> rig.panics.add(subject))
                .listener(rig);
        alternate.ifPresent(builder::alternateKeys);
        IssuingService service = builder.build();
        service.start();
        return service;
    }

    @Test
    void I17_everySubject_getsASecondCertificateWithItsOwnKey_andBothAreRenewed() {
        rig.requested("a.example");
        try (IssuingService service = started(Optional.of(KeyType.RSA_3072))) {
            rig.clock.advance(POLL);
            assertThat(algorithm(A)).isEqualTo("EC");
            assertThat(algorithm(A_RSA)).isEqualTo("RSA");
            assertThat(service.status()).extracting(SubjectStatus::subject).containsExactly(A, A_RSA);
            String first = rig.bundle("a.example").serial();
            String second = rig.bundle("a.example:rsa").serial();
            rig.clock.advance(Duration.ofDays(70));
            assertThat(rig.bundle("a.example").serial()).isNotEqualTo(first);
            assertThat(rig.bundle("a.example:rsa").serial()).isNotEqualTo(second);
            assertThat(issuer.asked()).hasSize(4);
        }
    }

    @Test
    void I17_storedAlternate_isRenewedWithoutTheOption_andGoneWhenItIsRemoved() {
        rig.requested("a.example");
        rig.store.request(A_RSA);
        try (IssuingService service = started(Optional.empty())) {
            assertThat(algorithm(A_RSA)).isEqualTo("RSA");
            rig.store.remove(A_RSA);
            rig.clock.advance(POLL);
            assertThat(rig.removed).containsExactly(A_RSA);
            rig.clock.advance(Duration.ofDays(100));
            assertThat(service.status()).extracting(SubjectStatus::subject).containsExactly(A);
            assertThat(rig.store.find(A_RSA)).isEmpty();
        }
    }

    @Test
    void I17_failingAlternate_doesNotTouchThePrimary_andHasItsOwnRecord() {
        rig.requested("a.example");
        issuer.answer(subject -> subject.equals(A_RSA)
                ? FakeIssuer.Answer.failure(new IssueException(Kind.REFUSED, "no RSA here"))
                : FakeIssuer.Answer.success());
        try (IssuingService service = started(Optional.of(KeyType.RSA_2048))) {
            rig.clock.advance(POLL);
            assertThat(AttemptRecord.find(rig.store, A_RSA).failures()).isEqualTo(1);
            assertThat(AttemptRecord.find(rig.store, A).failures()).isZero();
            assertThat(algorithm(A)).isEqualTo("EC");
            assertThat(rig.panics).containsExactly(A_RSA);
            issuer.succeed();
            rig.clock.advance(Duration.ofDays(2));
            assertThat(algorithm(A_RSA)).isEqualTo("RSA");
            assertThat(service.status()).extracting(SubjectStatus::panicking).containsOnly(false);
        }
    }

    @Test
    void I17_bothDueAtOnce_areOrderedOneAfterTheOther() {
        rig.requested("a.example");
        rig.requested("b.example");
        rig.store.request(A_RSA);
        issuer.answer(subject -> new FakeIssuer.Answer.Hang());
        try (IssuingService service = started(Optional.empty())) {
            assertThat(issuer.asked()).containsExactly(A, Subject.of("b.example"));
            issuer.succeed();
            issuer.release(FakeIssuer.Answer.success());
            assertThat(issuer.asked()).containsExactly(A, Subject.of("b.example"), A_RSA);
            assertThat(algorithm(A_RSA)).isEqualTo("RSA");
            assertThat(service.status()).hasSize(2 + 1);
        }
    }

    @Test
    void I17_anotherProcessIssuesForThePrimary_theAlternateWaitsForTheLease() {
        rig.stored("a.example", Duration.ofDays(80));
        rig.store.request(A_RSA);
        Lease held = new Leases(rig.store, "other")
                .acquire("issue/a.example", Duration.ofSeconds(30))
                .orElseThrow();
        try (IssuingService service = started(Optional.empty())) {
            assertThat(issuer.calls()).isZero();
            held.release();
            rig.clock.advance(Duration.ofMinutes(1));
            assertThat(issuer.asked()).containsExactly(A_RSA);
            assertThat(service.status()).extracting(SubjectStatus::panicking).containsOnly(false);
        }
    }

    @Test
    void I17_alternateWithoutPrimary_isNeitherServedNorRenewed() {
        rig.requested("a.example");
        rig.store.request(A_RSA);
        try (IssuingService service = started(Optional.empty())) {
            rig.store.remove(A);
            rig.clock.advance(POLL);
            assertThat(rig.removed).containsExactlyInAnyOrder(A, A_RSA);
            assertThat(service.status()).isEmpty();
            assertThat(SubjectStatus.readAll(rig.store, rig.store, RenewalPolicy.DEFAULT, now()))
                    .isEmpty();
            rig.clock.advance(Duration.ofDays(100));
            assertThat(issuer.calls()).isEqualTo(2);
        }
    }

    @Test
    void I17_wrongKindOfKeyIssued_isNotSaved() {
        rig.requested("a.example");
        rig.store.request(A_RSA);
        FakeIssuer stubborn =
                new FakeIssuer(request -> ServiceRig.CA.issue(now(), Duration.ofDays(90), names(request.subject())));
        try (IssuingService service = started(Optional.of(KeyType.RSA_2048), stubborn)) {
            assertThat(rig.saved).containsExactly(A);
            assertThat(rig.store.find(A_RSA).orElseThrow().bundle()).isEmpty();
            assertThat(AttemptRecord.find(rig.store, A_RSA).kind()).isEqualTo("BAD_CERTIFICATE");
            assertThat(service.status()).hasSize(2);
        }
    }

    @Test
    void I17_manySubjectsAtOnce_areAskedForInPortions() {
        IntStream.range(0, 250).forEach(i -> rig.stored("n" + i + ".example", Duration.ofDays(80)));
        issuer.answer(subject -> new FakeIssuer.Answer.Hang());
        try (IssuingService service = started(Optional.of(KeyType.RSA_2048))) {
            assertThat(rig.store.list()).hasSize(350);
            assertThat(service.status()).hasSize(250);
            rig.clock.advance(POLL);
            rig.clock.advance(POLL);
            assertThat(rig.store.list()).hasSize(500);
        }
    }

    private String algorithm(Subject subject) {
        return rig.bundle(subject.name()).privateKey().getAlgorithm();
    }
}
