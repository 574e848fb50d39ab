package org.autotls.doctor;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.Responder;
import org.autotls.internal.Sha256;

/**
 * A challenge that no CA has set, to see whether an answer of ours would be found. Immutable.
 */
public final class Rehearsal {

    private static final int BYTES = 24;

    private final String token;
    private final String keyAuthorization;

    /**
     * Draws a token.
     *
     * @param random nobody else can guess the token, so whoever answers with it is us
     */
    public Rehearsal(SecureRandom random) {
        this.token = draw(random);
        this.keyAuthorization = token + "." + draw(random);
    }

    /**
     * Makes the challenge answerable for each identifier that the type can prove.
     *
     * @param responder of http-01 or tls-alpn-01, in memory
     * @param identifiers wildcards are left out
     */
    public void present(Responder responder, Collection<Identifier> identifiers) {
        identifiers.stream()
                .filter(identifier -> !identifier.isWildcard())
                .forEach(identifier -> responder.present(
                        new Challenge(responder.challengeType(), identifier, token, keyAuthorization)));
    }

    String token() {
        return token;
    }

    String keyAuthorization() {
        return keyAuthorization;
    }

    /** What a tls-alpn-01 certificate has to hold (RFC 8737 §3). */
    byte[] digest() {
        return Sha256.of(keyAuthorization);
    }

    private static String draw(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
