package org.autotls.acme;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Problem;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/**
 * The CA's record of whether we control one identifier, as last shown (RFC 8555 §7.1.4). Immutable. Challenges that are
 * not understood (no type, no URL, neither a token nor issuers) are left out.
 *
 * @param url the authorization's own URL
 * @param status {@code pending}, {@code valid}, {@code invalid} and others, as sent
 * @param identifier what is to be proved; a wildcard's base name
 * @param wildcard whether it stands for {@code *.} and the name
 * @param challenges the ways offered, in the CA's order
 * @param error why it is invalid: the first error of a challenge
 */
record Authorization(
        URI url,
        String status,
        Identifier identifier,
        boolean wildcard,
        List<Offer> challenges,
        Optional<Problem> error) {

    /**
     * One offered challenge (§7.1.5, §8).
     *
     * @param token empty for those of dns-persist-01, which have issuers instead
     * @param issuers {@code issuer-domain-names}
     * @param account {@code accounturi}, which may be shown beside these; empty if it is not
     */
    record Offer(String type, String url, String token, String status, List<String> issuers, String account) {

        boolean isPending() {
            return status.equals("pending");
        }
    }

    static Authorization parse(URI url, JsonObject json) {
        String value = json.object("identifier").flatMap(id -> id.text("value")).orElse("");
        Identifier identifier;
        try {
            identifier = Identifier.of(value);
        } catch (IllegalArgumentException e) {
            throw new IssueException(
                    Kind.SERVER, "authorization " + url + " is for the identifier '" + Text.escape(value) + "'", e);
        }
        List<JsonObject> challenges = json.objects("challenges");
        return new Authorization(
                url,
                json.text("status").orElse(""),
                identifier,
                json.flag("wildcard").orElse(false),
                challenges.stream().flatMap(Authorization::offer).toList(),
                challenges.stream().flatMap(c -> Problems.error(c).stream()).findFirst());
    }

    boolean isPending() {
        return status.equals("pending");
    }

    boolean isValid() {
        return status.equals("valid");
    }

    /** Whether a challenge of this type can prove this identifier at all (RFC 8555 §8.3, RFC 8737 §3, RFC 8738 §7). */
    boolean canBeProvedBy(String type) {
        return canProve(type, identifier, wildcard);
    }

    /** The same before there is an authorization: a wildcard is named by itself then. */
    static boolean canProve(String type, Identifier identifier, boolean wildcard) {
        boolean byDns = type.startsWith("dns-");
        return byDns ? identifier.type() == Identifier.Type.DNS : !wildcard && !identifier.isWildcard();
    }

    /** What is proved: the wildcard itself if it stands for one. */
    Identifier proved() {
        return wildcard && !identifier.isWildcard() ? Identifier.of("*." + identifier.value()) : identifier;
    }

    /** The types offered, for messages. */
    Set<String> offered() {
        return challenges.stream()
                .map(offer -> Text.escape(offer.type()))
                .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));
    }

    private static Stream<Offer> offer(JsonObject json) {
        String type = json.text("type").orElse("");
        String url = json.text("url").orElse("");
        String token = json.text("token").orElse("");
        List<String> issuers = token.isEmpty() ? json.texts("issuer-domain-names") : List.of();
        return type.isEmpty() || url.isEmpty() || (token.isEmpty() && issuers.isEmpty())
                ? Stream.empty()
                : Stream.of(new Offer(
                        type,
                        url,
                        token,
                        json.text("status").orElse("pending"),
                        issuers,
                        json.text("accounturi").orElse("")));
    }
}
