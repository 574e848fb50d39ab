package org.autotls.acme;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Problem;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/**
 * An order as the CA last showed it (RFC 8555 §7.1.3). Immutable.
 *
 * @param url the order's own URL
 * @param status what it is in
 * @param authorizations URLs of what must be proved, as sent, each once
 * @param finalizeUrl where the CSR goes, as sent; may be empty
 * @param certificate where the chain is, as sent; empty until the order is valid
 * @param error why it is invalid
 */
record Order(
        URI url,
        Status status,
        List<String> authorizations,
        String finalizeUrl,
        String certificate,
        Optional<Problem> error) {

    /** RFC 8555 §7.1.6. */
    enum Status {
        PENDING,
        READY,
        PROCESSING,
        VALID,
        INVALID
    }

    /** More authorizations than any subject needs. */
    private static final int MAX_AUTHORIZATIONS = 200;

    /**
     * Reads an order.
     *
     * @param subject what was ordered; an order for other identifiers is an error (compared as sets: CAs sort)
     */
    static Order parse(URI url, JsonObject json, Subject subject) {
        String status = json.text("status").orElse("");
        List<JsonObject> identifiers = json.objects("identifiers");
        if (!identifiers.isEmpty() && !names(identifiers).equals(Set.copyOf(subject.identifiers()))) {
            throw new IssueException(
                    Kind.SERVER, "order " + url + " is for " + names(identifiers) + ", but we ordered " + subject);
        }
        List<String> authorizations =
                json.texts("authorizations").stream().distinct().toList();
        if (authorizations.size() > MAX_AUTHORIZATIONS) {
            throw new IssueException(Kind.SERVER, "order " + url + " has " + authorizations.size() + " authorizations");
        }
        return new Order(
                url,
                status(url, status),
                authorizations,
                json.text("finalize").orElse(""),
                json.text("certificate").orElse(""),
                Problems.error(json));
    }

    /** The same order once all its authorizations are valid: ready, by §7.1.6; if the CA is not so far, finalize says so. */
    Order proved() {
        return new Order(url, Status.READY, authorizations, finalizeUrl, certificate, error);
    }

    private static Status status(URI url, String text) {
        return switch (text) {
            case "pending" -> Status.PENDING;
            case "ready" -> Status.READY;
            case "processing" -> Status.PROCESSING;
            case "valid" -> Status.VALID;
            case "invalid" -> Status.INVALID;
            default ->
                throw new IssueException(
                        Kind.SERVER, "order " + url + " has the unknown status '" + Text.escape(text) + "'");
        };
    }

    private static Set<Identifier> names(List<JsonObject> identifiers) {
        Set<Identifier> names = new TreeSet<>();
        for (JsonObject identifier : identifiers) {
            String value = identifier.text("value").orElse("");
            try {
                names.add(Identifier.of(value));
            } catch (IllegalArgumentException e) {
                throw new IssueException(Kind.SERVER, "the CA's order names '" + Text.escape(value) + "'", e);
            }
        }
        return names;
    }
}
