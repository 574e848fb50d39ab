package org.autotls.acme;

import java.time.Instant;
import java.util.Optional;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Problem;
import org.autotls.Text;
import org.jspecify.annotations.Nullable;

/**
 * Classes what went wrong by what the caller does next. Stateless.
 *
 * <p>The order of the decision: 1. a pause, told by the link that ends it; 2. a limit (429, {@code rateLimited}, 503 with
 * Retry-After); 3. other 5xx; 4. the problem's type; 5. a refusal with an unknown problem is a refusal; 6. anything that is
 * not ACME is the server's trouble.
 */
final class Failures {

    private Failures() {}

    /** The failure that an unsuccessful answer means; {@code doing} says what was tried, as in "newOrder for a.example". */
    static IssueException of(String doing, Answer answer) {
        Problem problem = answer.problem().orElse(null);
        Instant retryAt = answer.retryAfter().map(answer.at()::plus).orElse(null);
        String said = problem == null ? answer.quote() : problem.toString();
        String message = linkToFollow(problem) + doing + ": " + answer.url() + " answered " + answer.status() + ", "
                + said + termsToRead(answer);
        return new IssueException(kind(answer, problem, retryAt), message, null, problem, retryAt);
    }

    /** The failure that an invalid authorization, challenge or order means. */
    static IssueException ofValidation(String message, @Nullable Problem problem) {
        Kind kind = problem == null ? Kind.UNPROVED : ofType(problem, Kind.UNPROVED, Kind.UNPROVED);
        return new IssueException(kind, message + (problem == null ? "" : ": " + problem), null, problem, null);
    }

    /** First, since what a CA says may be cut. */
    private static String linkToFollow(@Nullable Problem problem) {
        return unpauseLink(problem)
                .map(link -> "the CA has paused this account; follow " + link + " to go on: ")
                .orElse("");
    }

    private static Optional<String> unpauseLink(@Nullable Problem problem) {
        return Optional.ofNullable(problem).flatMap(Problem::unpauseLink);
    }

    /** New terms are found where a Link header says (RFC 8555 §7.3.3). */
    private static String termsToRead(Answer answer) {
        return answer.headers().allValues("Link").stream()
                .filter(link -> answer.isProblem("userActionRequired") && link.contains("\"terms-of-service\""))
                .map(link -> "; read and agree to " + Text.escape(link))
                .findFirst()
                .orElse("");
    }

    private static Kind kind(Answer answer, @Nullable Problem problem, @Nullable Instant retryAt) {
        int status = answer.status();
        if (unpauseLink(problem).isPresent()) {
            return Kind.PAUSED;
        }
        boolean limited = problem != null && problem.type().equals("rateLimited");
        if (status == 429 || limited || (status == 503 && retryAt != null)) {
            return Kind.RATE_LIMITED;
        }
        if (status >= 500 || status < 400 || problem == null) {
            return Kind.SERVER;
        }
        return ofType(problem, Kind.REFUSED, Kind.REFUSED);
    }

    /**
     * Reads the problem's type.
     *
     * @param unauthorized what {@code unauthorized} means: a refused request, or a wrong answer to a challenge
     * @param other what an unknown type means
     */
    private static Kind ofType(Problem problem, Kind unauthorized, Kind other) {
        return switch (problem.type()) {
            case "unauthorized" -> unauthorized;
            case "rateLimited" -> Kind.RATE_LIMITED;
            case "serverInternal", "badNonce", "orderNotReady" -> Kind.SERVER;
            case "dns", "connection", "tls", "incorrectResponse" -> Kind.UNPROVED;
            case "caa", "rejectedIdentifier", "unsupportedIdentifier", "badCSR", "badPublicKey", "malformed" ->
                Kind.REFUSED;
            case "accountDoesNotExist",
                    "externalAccountRequired",
                    "userActionRequired",
                    "invalidContact",
                    "unsupportedContact",
                    "badSignatureAlgorithm",
                    "invalidProfile" -> Kind.CONFIGURATION;
            case "compound" ->
                problem.subproblems().isEmpty()
                        ? other
                        : ofType(problem.subproblems().get(0), unauthorized, other);
            default -> other;
        };
    }
}
