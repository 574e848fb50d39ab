package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.List;

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
