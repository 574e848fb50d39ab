package org.autotls;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.autotls.IssueException.Kind;
import org.autotls.testkit.FakeIssuer;
import org.autotls.testkit.MemoryJournal;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FallbackIssuerTest {

    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

    private final List<String> asked = new ArrayList<>();
    private final MemoryJournal journal = new MemoryJournal();

    /** An issuer of a key, which issues or fails, and takes a journal for its own that begins with its key. */
    private final class Named implements Issuer {
        private final String key;
        private final FakeIssuer issuer = new FakeIssuer(new TestCa(), InstantSource.fixed(NOW), Duration.ofDays(90));

        Named(String key) {
            this.key = key;
        }

        Named failing(IssueException failure) {
            issuer.answer(subject -> FakeIssuer.Answer.failure(failure));
            return this;
        }

        @Override
        public String issuerKey() {
            return key;
        }

        @Override
        public CompletionStage<CertificateBundle> issue(IssueRequest request) {
            asked.add(key);
            return issuer.issue(request);
        }

        @Override
        public boolean resumes(String text) {
            return text.startsWith(key);
        }
    }

    private CertificateBundle issue(Issuer issuer) throws Exception {
        CompletableFuture<CertificateBundle> result = issuer.issue(new IssueRequest(
                        Subject.of("a.example"),
                        () -> KeyType.EC_P256.generate(new java.security.SecureRandom()),
                        journal,
                        () -> false))
                .toCompletableFuture();
        return result.get(20, TimeUnit.SECONDS);
    }

    private IssueException failure(Issuer issuer) {
        try {
            throw new AssertionError("expected a failure, not " + issue(issuer));
        } catch (ExecutionException e) {
            return (IssueException) requireNonNull(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static IssueException of(Kind kind) {
        return new IssueException(kind, "said " + kind);
    }

    @Test
    void issue_firstIsSound_nobodyElseIsAsked() throws Exception {
        assertThat(issue(FallbackIssuer.of(List.of(new Named("one"), new Named("two"))))
                        .identifiers())
                .hasToString("[a.example]");
        assertThat(asked).containsExactly("one");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UNPROVED", "STOPPED"})
    void issue_firstFailsForReasonsOfItsOwn_nextIsAsked(Kind kind) throws Exception {
        issue(FallbackIssuer.of(List.of(new Named("one").failing(of(kind)), new Named("two"))));
        assertThat(asked).containsExactly("one", "two");
    }

    @ParameterizedTest
    @EnumSource(names = {"UNPROVED", "STOPPED"})
    void issue_nobodyCanDoBetter_noneElseIsAsked(Kind kind) {
        IssueException failure =
                failure(FallbackIssuer.of(List.of(new Named("one").failing(of(kind)), new Named("two"))));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(asked).containsExactly("one");
    }

    @Test
    void issue_allFail_namesAllAndCanBeTriedSoonest() {
        IssueException limited = new IssueException(Kind.RATE_LIMITED, "slow down", null, null, NOW.plusSeconds(60));
        IssueException failure = failure(FallbackIssuer.of(List.of(
                new Named("one").failing(of(Kind.REFUSED)),
                new Named("two").failing(limited),
                new Named("three").failing(of(Kind.REFUSED)))));
        assertThat(failure.kind()).isEqualTo(Kind.RATE_LIMITED);
        assertThat(failure.retryAt()).contains(NOW.plusSeconds(60));
        assertThat(failure).hasMessage("one: said REFUSED; then two: slow down; then three: said REFUSED");
        assertThat(failure.getCause()).hasMessage("said REFUSED");
        assertThat(failure.getSuppressed()).hasSize(2);
    }

    @Test
    void issue_journalOfTheSecond_isResumedFirst() throws Exception {
        journal.save("two has an order");
        issue(FallbackIssuer.of(List.of(new Named("one"), new Named("two"))));
        assertThat(asked).containsExactly("two");
    }

    @Test
    void issue_journalOfTheSecondLeadsNowhere_theFirstIsAskedNext() throws Exception {
        journal.save("two has an order");
        issue(FallbackIssuer.of(List.of(new Named("one"), new Named("two").failing(of(Kind.SERVER)))));
        assertThat(asked).containsExactly("two", "one");
    }

    @Test
    void of_noneOrTwice_isRefused_andOneIsItself() {
        Issuer one = new Named("one");
        assertThat(FallbackIssuer.of(List.of(one))).isSameAs(one);
        assertThatThrownBy(() -> FallbackIssuer.of(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FallbackIssuer.of(List.of(one, new Named("one"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one");
    }

    @Test
    void issue_budgetsSpent_isOverBudgetOnlyIfNobodyWasAsked() {
        Instant soon = NOW.plusSeconds(36);
        Named spent = new Named("one").failing(overBudget(NOW.plusSeconds(99)));
        IssueException all = failure(FallbackIssuer.of(List.of(spent, new Named("two").failing(overBudget(soon)))));
        assertThat(all.kind()).isEqualTo(Kind.OVER_BUDGET);
        assertThat(all.retryAt()).contains(soon);
        IssueException refused = failure(FallbackIssuer.of(List.of(spent, new Named("two").failing(of(Kind.REFUSED)))));
        assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
        assertThat(asked).containsExactly("one", "two", "one", "two");
    }

    /** One has orders, but none for the domain; the other has none at all: only the domain waits, until the sooner. */
    @Test
    void allowance_isThatOfWhoMayPlaceMost_forTheSubjectToo() {
        Subject crowded = Subject.of("a.crowd.example");
        Issuer one = allowing("one", 7, crowded, NOW.plusSeconds(90));
        Issuer spent = allowing("two", 0, crowded, NOW.plusSeconds(60));
        Issuer both = FallbackIssuer.of(List.of(one, spent));
        assertThat(both.allowance(NOW)).isEqualTo(new OrderAllowance(7, NOW));
        assertThat(both.allowance(Subject.of("b.example"), NOW).orders()).isEqualTo(7);
        assertThat(both.allowance(crowded, NOW)).isEqualTo(new OrderAllowance(0, NOW.plusSeconds(60)));
    }

    private static Issuer allowing(String key, int orders, Subject none, Instant next) {
        return new Issuer() {
            @Override
            public String issuerKey() {
                return key;
            }

            @Override
            public CompletionStage<CertificateBundle> issue(IssueRequest request) {
                throw new AssertionError("nobody orders");
            }

            @Override
            public OrderAllowance allowance(Instant now) {
                return new OrderAllowance(orders, orders > 0 ? now : next);
            }

            @Override
            public OrderAllowance allowance(Subject subject, Instant now) {
                return subject.equals(none) ? new OrderAllowance(0, next) : allowance(now);
            }
        };
    }

    private static IssueException overBudget(Instant until) {
        return new IssueException(Kind.OVER_BUDGET, "spent", null, null, until);
    }
}
