package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.junit.jupiter.api.Test;

/** What every {@link Responder} must do. Extend it, and say how a CA would look at your responder. */
public abstract class ResponderContract {

    private static final Identifier NAME = Identifier.of("a.example");
    private static final Identifier OTHER = Identifier.of("b.example");

    /** What the tests need. */
    protected ResponderContract() {}

    /**
     * Makes a responder with nothing pending; called once per test.
     *
     * @return what is tested
     */
    protected abstract Responder responder();

    /**
     * Looks at {@code responder} as a CA would.
     *
     * @param responder what {@link #responder} made
     * @param challenge what to look for
     * @return whether exactly this challenge is answered now
     */
    protected abstract boolean isAnswered(Responder responder, Challenge challenge);

    /**
     * Moves time past any bound on how long a challenge stays answerable, if the responder has one.
     *
     * @return whether it has one; {@code false} skips what depends on it
     */
    protected boolean passLifetime() {
        return false;
    }

    /** Presented means answered, until cleaned up. */
    @Test
    public void present_thenCleanUp_isAnsweredInBetween() {
        Responder responder = responder();
        Challenge challenge = challenge(responder, NAME, "token-1");
        assertThat(isAnswered(responder, challenge)).isFalse();
        Presentation presentation = responder.present(challenge);
        assertThat(presentation.type()).isEqualTo(responder.challengeType());
        assertThat(presentation.identifier()).isEqualTo(NAME);
        assertThat(isAnswered(responder, challenge)).isTrue();
        assertThat(isAnswered(responder, challenge)).as("many times").isTrue();
        responder.cleanUp(presentation);
        assertThat(isAnswered(responder, challenge)).isFalse();
    }

    /** After a crash the same challenge is presented again; one clean-up is enough for both. */
    @Test
    public void present_sameChallengeAgain_isNoError() {
        Responder responder = responder();
        Challenge challenge = challenge(responder, NAME, "token-1");
        responder.present(challenge);
        Presentation second = responder.present(challenge);
        assertThat(isAnswered(responder, challenge)).isTrue();
        responder.cleanUp(second);
        assertThat(isAnswered(responder, challenge)).isFalse();
    }

    /** Clean-up of what is gone, or of what another process presented, does nothing. */
    @Test
    public void cleanUp_twiceOrOfSomethingUnknown_isNoError() {
        Responder responder = responder();
        Presentation presentation = responder.present(challenge(responder, NAME, "token-1"));
        responder.cleanUp(presentation);
        responder.cleanUp(presentation);
        responder.cleanUp(new Presentation(responder.challengeType(), OTHER, presentation.value()));
    }

    /** J8: two challenges of one name may be pending; the last presented is answered, and the others after it. */
    @Test
    public void J8_twoTokensForOneName_bothAnsweredInTurn() {
        Responder responder = responder();
        Challenge older = challenge(responder, NAME, "token-1");
        Challenge newer = challenge(responder, NAME, "token-2");
        responder.present(older);
        Presentation second = responder.present(newer);
        assertThat(isAnswered(responder, newer)).isTrue();
        responder.cleanUp(second);
        assertThat(isAnswered(responder, newer)).isFalse();
        assertThat(isAnswered(responder, older)).isTrue();
    }

    /** Names do not disturb one another, and no name answers for another. */
    @Test
    public void present_twoNames_areIndependent() {
        Responder responder = responder();
        Challenge mine = challenge(responder, NAME, "token-1");
        Challenge other = challenge(responder, OTHER, "token-2");
        Presentation first = responder.present(mine);
        assertThat(isAnswered(responder, other)).isFalse();
        responder.present(other);
        responder.cleanUp(first);
        assertThat(isAnswered(responder, mine)).isFalse();
        assertThat(isAnswered(responder, other)).isTrue();
    }

    /** J11: clean-up may never come. */
    @Test
    public void J11_neverCleanedUp_isForgotten() {
        Responder responder = responder();
        Challenge challenge = challenge(responder, NAME, "token-1");
        responder.present(challenge);
        if (passLifetime()) {
            assertThat(isAnswered(responder, challenge)).isFalse();
        }
    }

    /**
     * Makes a challenge.
     *
     * @param responder what is tested
     * @param identifier what is to be proved
     * @param token base64url
     * @return of the responder's type
     */
    protected static Challenge challenge(Responder responder, Identifier identifier, String token) {
        return new Challenge(responder.challengeType(), identifier, token, token + ".thumbprint-of-a-test");
    }

    /**
     * Compares what was found with what the CA expects.
     *
     * @param found the body, record or like
     * @param challenge what was looked for
     * @return whether it is the key authorization
     */
    protected static boolean isKeyAuthorization(Optional<String> found, Challenge challenge) {
        return found.filter(challenge.keyAuthorization()::equals).isPresent();
    }
}
