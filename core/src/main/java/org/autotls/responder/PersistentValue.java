package org.autotls.responder;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.autotls.Challenge;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What a TXT value of dns-persist-01 has to say (draft-ietf-acme-dns-persist-01 §4): an issuer, the account, and whether
 * wildcards are permitted. Immutable.
 *
 * @param issuers any of which will do; the first is written
 * @param account the account's URL
 * @param wildcard whether a wildcard is to be proved
 */
record PersistentValue(List<String> issuers, String account, boolean wildcard) {

    static PersistentValue of(Challenge challenge) {
        if (challenge.issuers().isEmpty() || !challenge.account().matches("[!-:<-~]+")) {
            throw new IssueException(
                    Kind.SERVER,
                    "the CA offers " + challenge.type() + " for " + challenge.identifier()
                            + " without saying who it is, or to what account");
        }
        return new PersistentValue(
                challenge.issuers(), challenge.account(), challenge.identifier().isWildcard());
    }

    /** The narrowest value that permits this. */
    String text() {
        return issuers.get(0) + "; accounturi=" + account + (wildcard ? "; policy=wildcard" : "");
    }

    /** Whether a value that stands there permits this; one that is not understood permits nothing, as for a CA. */
    boolean isPermittedBy(String text, Instant now) {
        List<String> parts = List.of(text.split(";", -1));
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            String tag = equals < 0 ? "" : part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            if (tag.isEmpty() || parameters.put(tag, part.substring(equals + 1).strip()) != null) {
                return false;
            }
        }
        return issuers.contains(parts.get(0).strip().toLowerCase(Locale.ROOT))
                && account.equals(parameters.get("accounturi"))
                && (!wildcard || "wildcard".equalsIgnoreCase(parameters.get("policy")))
                && isInForce(parameters.get("persistuntil"), now);
    }

    private static boolean isInForce(@Nullable String until, Instant now) {
        return until == null
                || (until.matches("[0-9]{1,12}") && now.isBefore(Instant.ofEpochSecond(Long.parseLong(until))));
    }
}
