package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.IssueRequest;
import org.autotls.KeyType;
import org.autotls.Quiet;
import org.autotls.testkit.CaAnswer;
import org.autotls.testkit.CaAnswers;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CA as an attacker: each answer of {@link CaAnswers} at each kind of request. Each case: what is asked for fails in
 * the right class or succeeds in spite of it, in bounded time and requests, with a message that can be printed; then the CA is
 * sound again, and the same issuer goes on with the same journal.
 */
@ExtendWith(Quiet.class)
@Tag("long")
class HostileCaTest {

    private static final Set<FakeCa.Kind> KINDS = EnumSet.of(
            FakeCa.Kind.DIRECTORY,
            FakeCa.Kind.NEW_NONCE,
            FakeCa.Kind.NEW_ACCOUNT,
            FakeCa.Kind.NEW_ORDER,
            FakeCa.Kind.AUTHORIZATION,
            FakeCa.Kind.CHALLENGE,
            FakeCa.Kind.ORDER,
            FakeCa.Kind.FINALIZE,
            FakeCa.Kind.CERTIFICATE);

    /** Twenty tries with refused nonces, sent for a few steps. */
    private static final int MOST_REQUESTS = 150;

    private static final int LONGEST_MESSAGE = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(HostileCaTest.class);

    private final AtomicInteger met = new AtomicInteger();

    @TestFactory
    Stream<DynamicContainer> everyAnswerAtEveryRequest_isClassedAndRecoveredFrom() {
        List<CaAnswer> answers = CaAnswers.all();
        assertThat(answers).extracting(CaAnswer::name).doesNotHaveDuplicates().hasSizeGreaterThan(60);
        return KINDS.stream().map(kind -> {
            Hostage hostage = new Hostage(kind, met);
            Stream<DynamicTest> cases = answers.stream()
                    .map(answer -> DynamicTest.dynamicTest(kind + " " + answer.name(), () -> hostage.meet(answer)));
            Stream<DynamicTest> end = Stream.of(DynamicTest.dynamicTest(kind + " closes", hostage::close));
            return DynamicContainer.dynamicContainer(kind.name(), Stream.concat(cases, end));
        });
    }

    private static long cpuSeconds() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1_000_000_000;
    }

    /** One issuer with a CA that is hostile at one kind of request, answer after answer. */
    private static final class Hostage {

        private static final Fault NEEDS_NONCE =
                CaAnswers.named("problem-badNonce-without-nonce").fault();

        private final FakeCa.Kind kind;
        private final AtomicInteger met;
        private final AcmeFixture fixture = new AcmeFixture();
        private final JumpingClock clock = fixture.jumpingClock();
        private final AcmeIssuer issuer = fixture.issuer(clock);

        Hostage(FakeCa.Kind kind, AtomicInteger met) {
            this.kind = kind;
            this.met = met;
            boolean atProof = kind == FakeCa.Kind.AUTHORIZATION || kind == FakeCa.Kind.CHALLENGE;
            fixture.ca.settings().authorizationsValid(!atProof);
            // Its signatures are quick to check, and there are many.
            fixture.accountKey.loadOrCreate(() -> KeyType.RSA_2048.generate(new SecureRandom()));
        }

        void meet(CaAnswer answer) throws Exception {
            met.incrementAndGet();
            MemoryJournal journal = new MemoryJournal();
            int before = fixture.ca.requests().size();
            provoke();
            Stall stall = new Stall(clock);
            fixture.ca.always(kind, answer.sort() == CaAnswer.Sort.STALLED ? stall.of(answer.fault()) : answer.fault());
            Optional<IssueException> failure = run(journal);
            stall.end();
            fixture.ca.heal();
            failure.ifPresent(this::check);
            assertThat(failure.map(IssueException::kind))
                    .as(
                            "%s: %s",
                            answer.name(), failure.map(Throwable::getMessage).orElse("issued"))
                    .isIn(Expected.of(answer, kind));
            assertThat(fixture.ca.requests().size() - before).as("requests").isLessThan(MOST_REQUESTS);
            assertThat(clock.underWay()).as("requests under way").isZero();
            assertThat(fixture.responder.answerable).as("left answerable").isEmpty();
            if (failure.isPresent()) {
                clock.advance(Duration.ofSeconds(30)); // the soonest that a service tries again
                recover(journal);
            }
        }

        /** Makes the next issuance send a request of this kind. */
        private void provoke() {
            clock.advance(Duration.ofHours(25)); // the directory is read again
            if (kind == FakeCa.Kind.NEW_ACCOUNT) {
                fixture.ca.forgetEverything();
            }
            if (kind == FakeCa.Kind.NEW_NONCE) {
                fixture.ca.script(FakeCa.Kind.NEW_ORDER, NEEDS_NONCE);
            }
        }

        private Optional<IssueException> run(MemoryJournal journal) throws Exception {
            CompletableFuture<CertificateBundle> issue =
                    issuer.issue(AcmeFixture.request(journal, "a.example")).toCompletableFuture();
            try {
                CertificateBundle bundle = issue.get(20, TimeUnit.SECONDS);
                assertThat(bundle.identifiers()).hasToString("[a.example]");
                assertThat(fixture.ca.issued()).contains(bundle.leaf());
                return Optional.empty();
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(IssueException.class);
                return Optional.of((IssueException) e.getCause());
            }
        }

        private void check(IssueException failure) {
            assertThat(String.valueOf(failure.getMessage()))
                    .hasSizeLessThan(LONGEST_MESSAGE)
                    .matches("[\\x20-\\x7e…§]+")
                    .doesNotContain("unexpectedly");
            failure.retryAt()
                    .ifPresent(at -> assertThat(Duration.between(clock.instant(), at))
                            .isBetween(Duration.ofMinutes(-6), Duration.ofDays(1)));
        }

        private void recover(MemoryJournal journal) throws Exception {
            IssueRequest again = AcmeFixture.request(journal, "a.example");
            CertificateBundle bundle = AcmeFixture.await(issuer, again);
            assertThat(bundle.leaf().getPublicKey()).isNotNull();
            assertThat(fixture.ca.issued()).contains(bundle.leaf());
            assertThat(fixture.responder.answerable).as("left answerable").isEmpty();
        }

        void close() {
            fixture.close();
            LOG.info("answers at {}: {} so far, and {} s of CPU", kind, met.get(), cpuSeconds());
        }
    }

    /** What an answer should lead to. */
    private static final class Expected {

        /** The outcomes that are right; an empty one is a certificate. */
        static Set<Optional<Kind>> of(CaAnswer answer, FakeCa.Kind kind) {
            Set<Optional<Kind>> outcomes = new HashSet<>();
            classes(answer.sort()).forEach(one -> outcomes.add(Optional.of(one)));
            boolean unread = BODY_IGNORED.contains(kind) && !SAYS_NO.contains(answer.sort());
            if (unread || outcomes.isEmpty() || answer.sort() == CaAnswer.Sort.UNTRUE) {
                outcomes.add(Optional.empty());
            }
            if (kind == FakeCa.Kind.CERTIFICATE && answer.sort() == CaAnswer.Sort.GARBAGE) {
                outcomes.add(Optional.of(Kind.BAD_CERTIFICATE)); // garbage around a certificate that is not the leaf
            }
            return outcomes;
        }

        /** Status and headers say all there is to know. */
        private static final Set<FakeCa.Kind> BODY_IGNORED = EnumSet.of(FakeCa.Kind.NEW_NONCE, FakeCa.Kind.CHALLENGE);

        private static final Set<CaAnswer.Sort> SAYS_NO =
                EnumSet.of(CaAnswer.Sort.ERROR, CaAnswer.Sort.LIMIT, CaAnswer.Sort.PROBLEM);

        private static Set<Kind> classes(CaAnswer.Sort sort) {
            return switch (sort) {
                case HARMLESS -> EnumSet.noneOf(Kind.class);
                case STALLED, ERROR, GARBAGE -> EnumSet.of(Kind.SERVER);
                case BROKEN, TOO_LARGE -> EnumSet.of(Kind.NETWORK, Kind.SERVER);
                case LIMIT -> EnumSet.of(Kind.RATE_LIMITED);
                case PROBLEM -> EnumSet.complementOf(EnumSet.of(Kind.STOPPED, Kind.BAD_CERTIFICATE));
                case UNTRUE -> EnumSet.complementOf(EnumSet.of(Kind.STOPPED));
            };
        }
    }
}
