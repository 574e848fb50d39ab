package org.autotls.responder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.ResponderContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Dns01ResponderTest extends ResponderContract {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** The example of RFC 8555 §8.1 and 8.4 in shape; the digest was computed with OpenSSL. */
    private static final String KEY_AUTHORIZATION =
            "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";

    private final FakeDns dns = new FakeDns();
    private final JumpingClock clock = new JumpingClock();

    @Override
    protected Responder responder() {
        return new Dns01Responder(dns, dns, clock, LIMIT);
    }

    @Override
    protected boolean isAnswered(Responder responder, Challenge challenge) {
        Set<String> values = dns.values.getOrDefault("_acme-challenge." + challenge.identifier(), Set.of());
        return values.contains(value(challenge));
    }

    private static String value(Challenge challenge) {
        FakeDns scratch = new FakeDns();
        new Dns01Responder(scratch).present(challenge);
        return scratch.values.values().iterator().next().iterator().next();
    }

    private static Challenge challenge(String name) {
        return new Challenge("dns-01", Identifier.of(name), KEY_AUTHORIZATION.split("\\.")[0], KEY_AUTHORIZATION);
    }

    @Test
    void present_writesTheDigestOfTheKeyAuthorization() {
        responder().present(challenge("example.org"));
        assertThat(dns.values)
                .containsEntry("_acme-challenge.example.org", Set.of("lCM7cZyQXcVHK2nnW3jjAhNT3Fvm18UN-kWZZknKoYM"));
    }

    @Test
    void present_wildcard_goesToTheBaseName() {
        responder().present(challenge("*.example.org"));
        assertThat(dns.values).containsOnlyKeys("_acme-challenge.example.org");
    }

    @Test
    void cleanUp_inAnotherProcess_removesByWhatWasStored() {
        Presentation stored = responder().present(challenge("example.org"));
        dns.aliases.put("_acme-challenge.example.org", "elsewhere.example");
        new Dns01Responder(dns).cleanUp(stored);
        assertThat(dns.values.get("_acme-challenge.example.org")).isEmpty();
        assertThat(dns.calls).contains("remove _acme-challenge.example.org by id");
    }

    @Test
    void cleanUp_ofAnythingElse_saysSo() {
        Presentation alien = new Presentation("dns-01", Identifier.of("example.org"), "nothing of ours");
        assertThatThrownBy(() -> responder().cleanUp(alien)).hasMessageContaining("nothing of ours");
    }

    @Test
    void L5_undo_removesWithoutAddingOrWaiting() {
        responder().present(challenge("example.org"));
        dns.calls.clear();
        responder().undo(challenge("example.org"));
        assertThat(dns.calls).containsExactly("remove _acme-challenge.example.org");
        assertThat(dns.values.get("_acme-challenge.example.org")).isEmpty();
    }

    @Test
    void L4_aliases_areFollowedOnWritingAndChecking() {
        alias(8);
        responder().present(challenge("example.org"));
        assertThat(dns.values).containsOnlyKeys("alias8.example");
    }

    @Test
    void L4_nineAliases_areTooMany() {
        alias(9);
        IssueException failure = failure(responder(), "example.org");
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("more than 8").hasMessageContaining("alias8.example");
        assertThat(dns.calls).isEmpty();
    }

    @Test
    void L4_aliasesInACircle_areRefused() {
        alias(2);
        dns.aliases.put("alias2.example", "alias1.example");
        assertThat(failure(responder(), "example.org")).hasMessageContaining("circle");
        assertThat(dns.calls).isEmpty();
    }

    private void alias(int count) {
        String name = "_acme-challenge.example.org";
        for (int i = 1; i <= count; i++) {
            dns.aliases.put(name, "alias" + i + ".example");
            name = "alias" + i + ".example";
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10})
    void L2_secondaryThatLags_isWaitedFor(int looks) {
        dns.lag = looks;
        Instant begin = clock.instant();
        responder().present(challenge("example.org"));
        assertThat(dns.calls.stream().filter("ask ns2.example"::equals)).hasSize(looks + 1);
        assertThat(dns.calls.stream().filter("ask ns1.example"::equals)).hasSize(1);
        assertThat(Duration.between(begin, clock.instant())).isLessThan(LIMIT);
    }

    @Test
    void L2_secondaryThatNeverHasIt_failsAtTheLimitAndLeavesNothing() {
        dns.lag = Integer.MAX_VALUE;
        Instant begin = clock.instant();
        IssueException failure = failure(responder(), "example.org");
        assertThat(Duration.between(begin, clock.instant())).isEqualTo(LIMIT);
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("ns2.example").hasMessageContaining("does not have it");
        assertThat(failure.getMessage()).doesNotContain("ns1.example");
        assertThat(dns.values.get("_acme-challenge.example.org")).isEmpty();
    }

    @Test
    void L2_silentServer_isLeftOutAfterAWhileIfAnotherHasIt() {
        dns.silent = true;
        Instant begin = clock.instant();
        responder().present(challenge("example.org"));
        assertThat(Duration.between(begin, clock.instant())).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
    }

    @Test
    void L2_zoneThatIsNotFoundAtFirst_isLookedForAgain() {
        dns.lostZone = 3;
        responder().present(challenge("example.org"));
        assertThat(dns.calls).contains("ask ns1.example");
    }

    @Test
    void L2_zoneThatIsNeverFound_failsAtTheLimit() {
        dns.lostZone = Integer.MAX_VALUE;
        assertThat(failure(responder(), "example.org")).hasMessageContaining("no answer for the zone");
        assertThat(dns.values.get("_acme-challenge.example.org")).isEmpty();
    }

    /** The account of the draft's example. */
    @Test
    void ofAccount_hasANameOfItsOwnForEachAccount() {
        Responder responder = Dns01Responder.ofAccount(dns, dns, clock, LIMIT);
        Challenge challenge = new Challenge(
                "dns-account-01",
                Identifier.of("example.org"),
                KEY_AUTHORIZATION.split("\\.")[0],
                KEY_AUTHORIZATION,
                "https://example.com/acme/acct/ExampleAccount",
                List.of());
        Presentation presentation = responder.present(challenge);
        String name = "_ujmmovf2vn55tgye._acme-challenge.example.org";
        assertThat(dns.values).containsEntry(name, Set.of("lCM7cZyQXcVHK2nnW3jjAhNT3Fvm18UN-kWZZknKoYM"));
        responder.cleanUp(presentation);
        assertThat(dns.values.get(name)).isEmpty();
        responder.present(challenge);
        responder.undo(challenge);
        assertThat(dns.values.get(name)).isEmpty();
    }

    @Test
    void present_withoutALimit_asksNobody() {
        new Dns01Responder(dns, dns, clock, Duration.ZERO).present(challenge("example.org"));
        assertThat(dns.calls).containsExactly("add _acme-challenge.example.org");
    }

    @Test
    void present_interrupted_stopsAtOnceAndLeavesTheValueToTheNextStart() throws Exception {
        dns.lag = Integer.MAX_VALUE;
        ManualClock still = new ManualClock();
        CompletableFuture<IssueException> failed = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            failed.complete(failure(new Dns01Responder(dns, dns, still, LIMIT), "example.org"));
        });
        thread.start();
        assertThat(failed.get(60, TimeUnit.SECONDS).kind()).isEqualTo(Kind.STOPPED);
        assertThat(dns.values.get("_acme-challenge.example.org")).hasSize(1);
        assertThat(still.pending()).isZero();
    }

    @Test
    void limit_outOfRange_isRefused() {
        assertThatThrownBy(() -> new Dns01Responder(dns, dns, clock, Duration.ofHours(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT2H");
    }

    private static IssueException failure(Responder responder, String name) {
        return catchThrowableOfType(IssueException.class, () -> responder.present(challenge(name)));
    }
}
