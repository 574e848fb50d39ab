package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A machine-readable ACME error (RFC 8555 §6.7, RFC 9457). Immutable. Texts come from the CA: they are kept as sent, cut at
 * 4 KiB, and escaped when shown.
 *
 * @param type the error type without its URN prefix, for example {@code rateLimited}; {@code about:blank} if none was sent
 * @param detail what the CA says to a person; may be empty
 * @param status the HTTP status, or 0 inside an authorization or order
 * @param identifier the identifier that a subproblem is about; empty if none
 * @param subproblems RFC 8555 §6.7.1
 */
public record Problem(String type, String detail, int status, String identifier, List<Problem> subproblems) {

    private static final int MAX_TEXT = 4096;
    private static final Pattern UNPAUSE_LINK = Pattern.compile("https://[!-~&&[^\"'<>]]*unpause[!-~&&[^\"'<>]]*");

    /** Cuts long texts and copies the list. */
    public Problem {
        type = cut(requireNonNull(type, "type"));
        detail = cut(requireNonNull(detail, "detail"));
        identifier = cut(requireNonNull(identifier, "identifier"));
        subproblems = List.copyOf(subproblems);
    }

    private static String cut(String text) {
        return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
    }

    /**
     * Returns the link by which a person ends a pause. Let's Encrypt pauses an account for a name that has failed more than
     * a thousand times in a row, and says so by {@code rateLimited} with such a link in the detail.
     *
     * @return an https URL of printable ASCII; empty if this is no pause
     */
    public Optional<String> unpauseLink() {
        Matcher link = UNPAUSE_LINK.matcher(detail);
        return link.find() ? Optional.of(link.group()) : Optional.empty();
    }

    /** One harmless line. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(Text.escape(type));
        if (!identifier.isEmpty()) {
            out.append(" for ").append(Text.escape(identifier));
        }
        if (!detail.isEmpty()) {
            out.append(": ").append(Text.escape(detail, 500));
        }
        subproblems.stream().limit(5).forEach(p -> out.append("; ").append(p));
        return out.toString();
    }
}
