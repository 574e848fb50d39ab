package org.autotls.responder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Responder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsPersist01ResponderTest {

    private static final String ACCOUNT = "https://ca.example/acct/123";
    private static final String NAME = "_validation-persist.example.org";
    private static final String VALUE = "authority.example; accounturi=" + ACCOUNT;

    private final FakeDns dns = new FakeDns();
    private final JumpingClock clock = new JumpingClock();

    private Responder writer() {
        return new DnsPersist01Responder(dns, dns, clock, Duration.ofMinutes(2));
    }

    private Responder onlooker() {
        return new DnsPersist01Responder(dns, clock);
    }

    private static Challenge challenge(String name) {
        return new Challenge(
                "dns-persist-01", Identifier.of(name), "", "", ACCOUNT, List.of("authority.example", "ca.example"));
    }

    private void stands(String value) {
        dns.values.put(NAME, new TreeSet<>(Set.of(value)));
    }

    @Test
    void present_valueMissing_isAddedAndStays() {
        Challenge challenge = challenge("example.org");
        Responder responder = writer();
        responder.cleanUp(responder.present(challenge));
        responder.undo(challenge);
        assertThat(dns.values).containsEntry(NAME, Set.of(VALUE));
        dns.calls.clear();
        responder.present(challenge);
        assertThat(dns.calls).doesNotContain("add " + NAME);
    }

    @Test
    void present_wildcard_asksForThePolicyAtTheBaseName() {
        writer().present(challenge("*.example.org"));
        assertThat(dns.values).containsEntry(NAME, Set.of(VALUE + "; policy=wildcard"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                VALUE,
                "ca.example;accounturi=" + ACCOUNT + " ;policy=WILDCARD",
                "CA.example ; AccountUri=" + ACCOUNT + "; persistUntil=4102444800",
                VALUE + "; unheard=of"
            })
    void present_valueThatPermitsIt_needsNoWriter(String value) {
        stands(value);
        onlooker().present(challenge("example.org"));
        assertThat(dns.values.get(NAME)).containsExactly(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "other.example; accounturi=" + ACCOUNT,
                "authority.example; accounturi=" + ACCOUNT + "4",
                "authority.example",
                VALUE + ";",
                VALUE + "; accounturi=" + ACCOUNT,
                VALUE + "; persistUntil=1",
                VALUE + "; persistUntil=never",
                VALUE + "; =x",
                "v=spf1 -all"
            })
    void present_valueThatDoesNotPermitIt_saysWhatToAdd(String value) {
        stands(value);
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> onlooker().present(challenge("example.org")));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining(NAME + ". TXT \"" + VALUE + "\"");
    }

    @Test
    void present_valueWithoutThePolicy_doesNotPermitAWildcard() {
        stands(VALUE);
        assertThatThrownBy(() -> onlooker().present(challenge("*.example.org")))
                .hasMessageContaining("; policy=wildcard");
    }

    @Test
    void L4_aliases_areFollowed() {
        dns.aliases.put(NAME, "elsewhere.example");
        writer().present(challenge("example.org"));
        assertThat(dns.values).containsOnlyKeys("elsewhere.example");
    }

    @ParameterizedTest
    @CsvSource({"1,false", "0,true"})
    void L2_secondaryThatLags_doesNotPermitItYet(int lag, boolean permits) {
        stands(VALUE);
        dns.lag = lag;
        if (permits) {
            assertThat(onlooker().present(challenge("example.org")).value()).isEqualTo(NAME);
        } else {
            assertThatThrownBy(() -> onlooker().present(challenge("example.org")))
                    .isInstanceOf(IssueException.class);
        }
    }

    @Test
    void L2_secondaryThatIsSilent_isLeftOut() {
        stands(VALUE);
        dns.silent = true;
        assertThat(onlooker().present(challenge("example.org")).value()).isEqualTo(NAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UPPER.example", "a.example; accounturi=x", "nodots", "a..b", ""})
    void challenge_issuerThatIsNoDomainName_isRefused(String issuer) {
        assertThatThrownBy(() ->
                        new Challenge("dns-persist-01", Identifier.of("example.org"), "", "", ACCOUNT, List.of(issuer)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("domain name");
    }
}
