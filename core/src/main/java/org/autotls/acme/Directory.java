package org.autotls.acme;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/**
 * A CA's endpoint URLs, and the hosts that requests may go to (RFC 8555 §7.1.1). Immutable.
 *
 * @param newNonce where nonces come from
 * @param newAccount where accounts are registered
 * @param newOrder where orders are placed
 * @param revokeCert where certificates are revoked (§7.6); empty if the CA does not
 * @param keyChange where account keys are changed (§7.3.5); empty if the CA does not
 * @param renewalInfo where CAs say when to renew (RFC 9773 §4.1); empty if the CA does not
 * @param termsOfService the URL of the terms; empty if the CA has none
 * @param externalAccountRequired whether an account must be bound to one outside ACME (§7.3.4)
 * @param profiles the names of the certificate profiles (draft-ietf-acme-profiles); empty if the CA has none
 * @param hosts {@code host:port} of the directory and of every URL in it; no request goes anywhere else
 */
record Directory(
        URI newNonce,
        URI newAccount,
        URI newOrder,
        Optional<URI> revokeCert,
        Optional<URI> keyChange,
        Optional<URI> renewalInfo,
        String termsOfService,
        boolean externalAccountRequired,
        List<String> profiles,
        Set<String> hosts) {

    /** No CA has a longer one; they end up in messages and in the journal. */
    private static final int MAX_URL = 2000;

    private static final List<String> RESOURCES =
            List.of("newNonce", "newAccount", "newOrder", "newAuthz", "revokeCert", "keyChange", "renewalInfo");

    /** Reads the document found at {@code self}. */
    static Directory parse(URI self, JsonObject json) {
        Set<String> hosts = new TreeSet<>();
        hosts.add(authority(self));
        RESOURCES.forEach(name ->
                json.text(name).ifPresent(text -> hosts.add(authority(httpsUrl(text, "directory " + self)))));
        Optional<JsonObject> meta = json.object("meta");
        return new Directory(
                required(self, json, "newNonce"),
                required(self, json, "newAccount"),
                required(self, json, "newOrder"),
                json.text("revokeCert").map(text -> httpsUrl(text, "directory " + self)),
                json.text("keyChange").map(text -> httpsUrl(text, "directory " + self)),
                json.text("renewalInfo").map(text -> httpsUrl(text, "directory " + self)),
                meta.flatMap(known -> known.text("termsOfService")).orElse(""),
                meta.flatMap(known -> known.flag("externalAccountRequired")).orElse(false),
                meta.flatMap(known -> known.object("profiles"))
                        .map(JsonObject::names)
                        .orElse(List.of()),
                Set.copyOf(hosts));
    }

    /**
     * Checks a URL that an answer of the CA named.
     *
     * @param text the URL
     * @param where what named it, for the message
     * @return the URL: https, on a host of this directory
     */
    URI permitted(String text, String where) {
        URI url = httpsUrl(text, where);
        if (!hosts.contains(authority(url))) {
            throw new IssueException(
                    Kind.SERVER,
                    where + " sends us to " + Text.escape(text)
                            + ", a host that the directory does not name; expected one of " + hosts);
        }
        return url;
    }

    private static URI required(URI self, JsonObject json, String name) {
        return json.text(name)
                .map(text -> httpsUrl(text, "directory " + self))
                .orElseThrow(() -> new IssueException(Kind.SERVER, "directory " + self + " has no " + name));
    }

    private static URI httpsUrl(String text, String where) {
        try {
            URI url = URI.create(text);
            boolean sound = text.length() <= MAX_URL
                    && text.chars().allMatch(c -> c > ' ' && c < 0x7f) // RFC 3986; java.net.URI takes more
                    && "https".equalsIgnoreCase(url.getScheme())
                    && url.getHost() != null
                    && !url.getHost().startsWith("169.254.") // where clouds keep their secrets, and no CA lives
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null;
            if (sound) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw notHttps(text, where);
        }
        throw notHttps(text, where);
    }

    private static IssueException notHttps(String text, String where) {
        return new IssueException(Kind.SERVER, where + " names '" + Text.escape(text) + "', which is not an https URL");
    }

    private static String authority(URI url) {
        return url.getHost().toLowerCase(Locale.ROOT) + ":" + (url.getPort() < 0 ? 443 : url.getPort());
    }
}
