package org.autotls.acme;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.autotls.Identifier;
import org.autotls.Subject;
import org.autotls.internal.JsonObject;

/**
 * What is sent to newOrder (RFC 8555 §7.4), and what of it can be left out if the CA refuses it. Immutable.
 *
 * @param subject the identifiers
 * @param profile the certificate profile
 * @param profileRequired whether nothing is to be ordered without it
 * @param replaces the unique identifier of the certificate that the new one takes the place of (RFC 9773 §5)
 */
record NewOrder(Subject subject, Optional<String> profile, boolean profileRequired, Optional<String> replaces) {

    /** Problems that are plainly about something else than {@code replaces}. */
    private static final Set<String> UNRELATED = Set.of(
            "accountDoesNotExist",
            "badNonce",
            "badPublicKey",
            "badSignatureAlgorithm",
            "caa",
            "dns",
            "externalAccountRequired",
            "invalidContact",
            "invalidProfile",
            "rateLimited",
            "rejectedIdentifier",
            "unsupportedContact",
            "unsupportedIdentifier",
            "userActionRequired");

    /**
     * Puts an order together.
     *
     * @param predecessor what it takes the place of, if this CA is to be told
     */
    static NewOrder of(Subject subject, ProfileChoice choice, Directory directory, Optional<String> predecessor) {
        return new NewOrder(subject, choice.among(directory.profiles(), subject), choice.required(), predecessor);
    }

    String payload() {
        List<Map<String, String>> identifiers =
                subject.identifiers().stream().map(NewOrder::json).toList();
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("identifiers", identifiers);
        profile.ifPresent(name -> payload.put("profile", name));
        replaces.ifPresent(id -> payload.put("replaces", id));
        return JsonObject.write(payload);
    }

    /**
     * Returns the order to place instead of one that was refused: without the profile, if that is refused and need not be;
     * without {@code replaces}, if the refusal may be about that. CAs say so by {@code alreadyReplaced} (RFC 9773 §7.4), but
     * also by {@code malformed}, {@code unauthorized}, a 404, or an error of their own.
     *
     * @return empty if another order would be refused, too
     */
    Optional<NewOrder> instead(Answer refusal) {
        if (refusal.isProblem("invalidProfile") && profile.isPresent() && !profileRequired) {
            return Optional.of(new NewOrder(subject, Optional.empty(), false, replaces));
        }
        return replaces.isPresent() && mayConcernReplaces(refusal)
                ? Optional.of(new NewOrder(subject, profile, profileRequired, Optional.empty()))
                : Optional.empty();
    }

    private static boolean mayConcernReplaces(Answer refusal) {
        boolean limited = refusal.status() == 429
                || (refusal.status() == 503 && refusal.retryAfter().isPresent());
        return !limited
                && refusal.problem()
                        .filter(problem -> UNRELATED.contains(problem.type()))
                        .isEmpty();
    }

    private static Map<String, String> json(Identifier identifier) {
        return Map.of("type", identifier.type().acmeName(), "value", identifier.value());
    }
}
