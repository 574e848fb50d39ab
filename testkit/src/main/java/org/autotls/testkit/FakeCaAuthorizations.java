package org.autotls.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.testkit.FakeCaAccounts.Account;
import org.jspecify.annotations.Nullable;

/**
 * The authorizations of a {@link FakeCa} and their challenges (RFC 8555 §7.5). Guarded by the lock of its
 * {@link FakeCaState}, but for {@link #isProved}.
 */
final class FakeCaAuthorizations {

    /** An authorization. */
    static final class Authorization {
        private final String identifierType;
        private final String name;
        private final String token;
        private final Account owner;
        private String status;
        private String answered = "";
        private int looks;

        Authorization(String identifierType, String name, String token, Account owner, String status) {
            this.identifierType = identifierType;
            this.name = name;
            this.token = token;
            this.owner = owner;
            this.status = status;
        }

        private boolean isPendingFor(@Nullable Object value, Account account) {
            return owner == account && name.equals(value) && status.equals("pending") && answered.isEmpty();
        }
    }

    private final String base;
    private final FakeCaSettings settings;
    private final Map<String, Authorization> authorizations = new HashMap<>();

    FakeCaAuthorizations(String base, FakeCaSettings settings) {
        this.base = base;
        this.settings = settings;
    }

    void clear() {
        authorizations.clear();
    }

    void add(String id, Map<String, Object> identifier, String token, Account owner) {
        boolean valid = settings.authorizationsValid || settings.nextOrderStatus.equals("ready");
        authorizations.put(
                id,
                new Authorization(
                        String.valueOf(identifier.get("type")),
                        String.valueOf(identifier.get("value")),
                        token,
                        owner,
                        valid ? "valid" : "pending"));
    }

    /** One of another order that may be reused, if such are. */
    Optional<String> findPending(Map<String, Object> identifier, Account account) {
        return settings.pendingReused
                ? authorizations.entrySet().stream()
                        .filter(entry -> entry.getValue().isPendingFor(identifier.get("value"), account))
                        .map(Map.Entry::getKey)
                        .findFirst()
                : Optional.empty();
    }

    String status(String id, Account account) {
        return find(id, account).status;
    }

    /** What reading it shows; a look at one that was answered may be the one that ends it. */
    Map<String, Object> look(String id, Account account) {
        Authorization authorization = find(id, account);
        if (isGoing(authorization) && authorization.looks-- <= 0) {
            authorization.status = authorization.answered;
        }
        boolean wildcard = authorization.name.startsWith("*.");
        List<Map<String, Object>> offers = new ArrayList<>();
        for (String type : wildcard ? List.of("dns-01") : settings.challengeTypes) {
            offers.add(showChallenge(type, id, authorization));
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("status", authorization.status);
        shown.put(
                "identifier",
                Map.of(
                        "type",
                        authorization.identifierType,
                        "value",
                        wildcard ? authorization.name.substring(2) : authorization.name));
        if (wildcard) {
            shown.put("wildcard", true);
        }
        shown.put("challenges", offers);
        return shown;
    }

    Map<String, Object> showChallenge(String type, String id, Authorization authorization) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("type", type);
        shown.put("url", base + "/challenge/" + id + "/" + type);
        shown.put("token", authorization.token);
        shown.put("status", isGoing(authorization) ? "processing" : authorization.status);
        if (authorization.status.equals("invalid")) {
            shown.put(
                    "error",
                    Map.of("type", FakeCaReplies.URN + "unauthorized", "detail", "the fake CA found another answer"));
        }
        return shown;
    }

    Authorization find(String id, Account account) {
        Authorization authorization = authorizations.get(id);
        if (authorization == null || authorization.owner != account) {
            throw new Refusal(404, "malformed", "no authorization " + id);
        }
        return authorization;
    }

    void checkPending(Authorization authorization) {
        if (!authorization.status.equals("pending")) {
            throw new Refusal(400, "malformed", "the authorization is " + authorization.status);
        }
    }

    /** Looks from outside, which must not happen under the lock. */
    boolean isProved(Authorization authorization, String type, String thumbprint) {
        return settings.validator.proves(
                type, authorization.name, authorization.token, authorization.token + "." + thumbprint);
    }

    void answered(Authorization authorization, boolean proved) {
        settings.limits.validated(authorization.owner.url(), authorization.name, proved);
        authorization.answered = proved ? "valid" : "invalid";
        authorization.looks = settings.looksUntilDone;
    }

    private static boolean isGoing(Authorization authorization) {
        return !authorization.answered.isEmpty() && authorization.status.equals("pending");
    }
}
