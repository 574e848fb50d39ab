package org.autotls.acme;

import java.util.List;
import java.util.Optional;
import org.autotls.Problem;
import org.autotls.internal.JsonObject;

/**
 * Reads problem documents (RFC 8555 §6.7, RFC 9457) as leniently as the field demands: the type may be missing, and the
 * media type is not looked at. Stateless.
 */
final class Problems {

    private static final String URN = "urn:ietf:params:acme:error:";
    private static final int MAX_SUBPROBLEMS = 100;

    private Problems() {}

    /** Reads the body of a failed request; empty if it is not a problem document. */
    static Optional<Problem> parse(String body, int status) {
        if (!body.stripLeading().startsWith("{")) {
            return Optional.empty();
        }
        try {
            JsonObject json = JsonObject.parse(body);
            boolean telling = List.of("type", "detail", "title").stream()
                    .anyMatch(name -> json.text(name).isPresent());
            return telling ? Optional.of(of(json, status)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // an error page, or an attack: the status still says what to do
        }
    }

    /** Reads the {@code error} member of an order, authorization or challenge. */
    static Optional<Problem> error(JsonObject resource) {
        return resource.object("error").map(json -> of(json, 0));
    }

    private static Problem of(JsonObject json, int status) {
        List<Problem> subproblems = json.objects("subproblems").stream()
                .limit(MAX_SUBPROBLEMS)
                .map(sub -> problem(sub, 0, List.of()))
                .toList();
        return problem(json, status, subproblems);
    }

    private static Problem problem(JsonObject json, int status, List<Problem> subproblems) {
        String type = json.text("type").orElse("about:blank");
        return new Problem(
                type.startsWith(URN) ? type.substring(URN.length()) : type,
                json.text("detail").or(() -> json.text("title")).orElse(""),
                status,
                json.object("identifier").flatMap(id -> id.text("value")).orElse(""),
                subproblems);
    }
}
