package org.autotls.acme;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.RenewalInformation;
import org.autotls.RenewalWindow;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/** Reads a RenewalInfo object (RFC 9773 §4.2). Stateless. */
final class RenewalInfo {

    private RenewalInfo() {}

    /**
     * Reads an answer.
     *
     * @param answer to the GET of §4.1
     * @return what it says; fails with {@link IssueException} if it is no success or its window is none: an end that is not
     *     after the start is invalid (§4.2), and counts, as all garbage does, as no answer
     */
    static RenewalInformation parse(Answer answer) {
        if (answer.status() != 200) {
            throw Failures.of("asking when to renew", answer);
        }
        JsonObject json = answer.json();
        JsonObject window = json.object("suggestedWindow").orElseThrow(() -> without(answer, "a suggestedWindow"));
        try {
            return new RenewalInformation(
                    new RenewalWindow(instant(answer, window, "start"), instant(answer, window, "end")),
                    json.text("explanationURL").orElse(""),
                    answer.retryAfter().orElse(RenewalInformation.ASK_AGAIN));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IssueException(
                    Kind.SERVER,
                    answer.url() + " sent a window that is none: " + Text.escape(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static Instant instant(Answer answer, JsonObject window, String name) {
        Optional<String> text = window.text(name);
        return Instant.parse(text.orElseThrow(() -> without(answer, name))); // RFC 3339, with any offset
    }

    private static IssueException without(Answer answer, String what) {
        return new IssueException(Kind.SERVER, answer.url() + " sent renewal information without " + what);
    }
}
