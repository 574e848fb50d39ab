package org.autotls.testkit;

import java.util.ArrayList;
import java.util.List;
import org.autotls.testkit.CaAnswer.Sort;

/** Problem documents: each type of RFC 8555 §6.7 and of what came after, unknown ones, and abused ones. Stateless. */
final class ProblemAnswers {

    private static final String JSON = "application/problem+json";

    private static final Object[][] TYPES = {
        {"accountDoesNotExist", 400},
        {"alreadyReplaced", 409},
        {"alreadyRevoked", 400},
        {"badCSR", 400},
        {"badNonce", 400},
        {"badPublicKey", 400},
        {"badRevocationReason", 400},
        {"badSignatureAlgorithm", 400},
        {"caa", 403},
        {"compound", 400},
        {"connection", 400},
        {"dns", 400},
        {"externalAccountRequired", 403},
        {"incorrectResponse", 403},
        {"invalidContact", 400},
        {"invalidProfile", 400},
        {"malformed", 400},
        {"orderNotReady", 403},
        {"rateLimited", 429},
        {"rejectedIdentifier", 400},
        {"serverInternal", 500},
        {"tls", 400},
        {"unauthorized", 403},
        {"unsupportedContact", 400},
        {"unsupportedIdentifier", 400},
        {"userActionRequired", 403},
        {"unheardOf", 400},
        {"unheardOf", 500},
    };

    private ProblemAnswers() {}

    static List<CaAnswer> all() {
        List<CaAnswer> all = new ArrayList<>();
        for (Object[] row : TYPES) {
            String type = (String) row[0];
            int status = (Integer) row[1];
            all.add(problem(status + "-" + type, Fault.problem(status, type)));
        }
        all.add(problem("badNonce-without-nonce", (exchange, usual, closing) -> {
            exchange.getResponseHeaders().remove("Replay-Nonce");
            Fault.problem(400, "badNonce").answer(exchange, usual, closing);
        }));
        all.add(problem("badNonce-with-odd-nonce", Fault.problem(400, "badNonce", "Replay-Nonce", "no good !")));
        all.add(problem("type-of-another-urn", document("{\"type\":\"urn:example:other\",\"detail\":\"d\"}")));
        all.add(problem("type-missing", document("{\"detail\":\"no \\u001b[1m luck\\r\\nX: y\"}")));
        all.add(problem("type-is-a-number", document("{\"type\":7,\"detail\":\"d\"}")));
        all.add(problem("all-members-of-wrong-types", document("{\"type\":[],\"detail\":{},\"subproblems\":\"x\"}")));
        all.add(problem(
                "long-detail",
                document("{\"type\":\"malformed\",\"detail\":\"" + "\\u001b<\\n".repeat(20_000) + "\"}")));
        all.add(problem("long-type", document("{\"type\":\"" + "\\u202e".repeat(20_000) + "\"}")));
        all.add(problem("hundred-subproblems", document(withSubproblems(100))));
        all.add(problem("2000-subproblems", document(withSubproblems(2000))));
        all.add(problem("as-plain-text", Fault.reply(400, "{\"type\":\"urn:ietf:params:acme:error:caa\"}")));
        return all;
    }

    private static String withSubproblems(int count) {
        String one = "{\"type\":\"urn:ietf:params:acme:error:dns\",\"detail\":\"\\u001b[2J" + "d".repeat(100)
                + "\",\"identifier\":{\"type\":\"dns\",\"value\":\"a\\u0007.example\"},\"subproblems\":[{}]}";
        return "{\"type\":\"urn:ietf:params:acme:error:compound\",\"detail\":\"many\",\"subproblems\":["
                + (one + ",").repeat(count - 1) + one + "]}";
    }

    private static Fault document(String body) {
        return Fault.reply(400, body, "Content-Type", JSON);
    }

    private static CaAnswer problem(String name, Fault fault) {
        return new CaAnswer("problem-" + name, Sort.PROBLEM, fault);
    }
}
