package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * One way, offered by the CA, to prove control of an identifier. Immutable.
 *
 * @param type the challenge type, for example {@code tls-alpn-01} (RFC 8737), {@code http-01} (RFC 8555 §8.3)
 * @param identifier what is to be proved; a wildcard's base name for {@code dns-01}
 * @param token the CA's nonce, at most 128 characters of base64url (RFC 8555 §8.1)
 * @param keyAuthorization token "." thumbprint of the account key (RFC 8555 §8.1)
 */
public record Challenge(String type, Identifier identifier, String token, String keyAuthorization) {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    /**
     * Checks a challenge.
     *
     * @throws IllegalArgumentException if the token is not base64url: it becomes part of a path, so nothing else may pass
     */
    public Challenge {
        requireNonNull(type, "type");
        requireNonNull(identifier, "identifier");
        if (!TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException("token '" + Text.escape(token) + "' for " + identifier
                    + " is not 1 to 128 characters of base64url (RFC 8555 §8.1)");
        }
        if (!keyAuthorization.startsWith(token + ".")) {
            throw new IllegalArgumentException(
                    "the key authorization for " + identifier + " does not begin with its token");
        }
    }
}
