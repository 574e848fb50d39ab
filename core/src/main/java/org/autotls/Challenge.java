package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.regex.Pattern;

/**
 * One way, offered by the CA, to prove control of an identifier. Immutable.
 *
 * @param type the challenge type, for example {@code tls-alpn-01} (RFC 8737), {@code http-01} (RFC 8555 §8.3)
 * @param identifier what is to be proved; a wildcard's base name for {@code dns-01}, the wildcard itself for {@code
 *     dns-persist-01}
 * @param token the CA's nonce, at most 128 characters of base64url (RFC 8555 §8.1); empty if there are {@code issuers}
 * @param keyAuthorization token "." thumbprint of the account key (RFC 8555 §8.1); empty if there are {@code issuers}
 * @param account the account's URL, which {@code dns-account-01} and {@code dns-persist-01} need; empty if it is not known
 * @param issuers names that the CA calls itself by, for {@code dns-persist-01}, which has no token; empty for all others
 */
public record Challenge(
        String type,
        Identifier identifier,
        String token,
        String keyAuthorization,
        String account,
        List<String> issuers) {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final Pattern ISSUER = Pattern.compile("(?=.{1,253}$)[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})+");

    /**
     * Checks a challenge.
     *
     * @throws IllegalArgumentException if the token is not base64url: it becomes part of a path, so nothing else may pass; or
     *     an issuer is no domain name in lower case: it becomes part of a record
     */
    public Challenge {
        requireNonNull(type, "type");
        requireNonNull(identifier, "identifier");
        requireNonNull(account, "account");
        issuers = List.copyOf(issuers);
        if (issuers.isEmpty()) {
            checkToken(identifier, token, keyAuthorization);
        } else if (!token.isEmpty() || !keyAuthorization.isEmpty()) {
            throw new IllegalArgumentException("the challenge for " + identifier + " has both a token and issuers");
        }
        for (String issuer : issuers) {
            if (!ISSUER.matcher(issuer).matches()) {
                throw new IllegalArgumentException("issuer '" + Text.escape(issuer) + "' for " + identifier
                        + " is not a domain name in lower case");
            }
        }
    }

    /**
     * A challenge with a token, of an account whose URL does not matter.
     *
     * @param type as above
     * @param identifier as above
     * @param token as above
     * @param keyAuthorization as above
     * @throws IllegalArgumentException as above
     */
    public Challenge(String type, Identifier identifier, String token, String keyAuthorization) {
        this(type, identifier, token, keyAuthorization, "", List.of());
    }

    private static void checkToken(Identifier identifier, String token, String keyAuthorization) {
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
