package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * When a certificate is best renewed, in the words of who issued it (ACME Renewal Information, RFC 9773 §4.2). Immutable.
 *
 * @param window when to renew; wholly in the past means now
 * @param explanationUrl a page for people that says why; empty if there is none, or none that a person could open
 * @param askAgainAfter how long this answer holds; brought to one minute at least and one day at most (§4.3.2)
 */
public record RenewalInformation(RenewalWindow window, String explanationUrl, Duration askAgainAfter) {

    /** When to ask again if the answer did not say, or there was none (RFC 9773 §4.3.3). */
    public static final Duration ASK_AGAIN = Duration.ofHours(6);

    private static final Duration SOONEST = Duration.ofMinutes(1);
    private static final Duration LATEST = Duration.ofDays(1);
    private static final int MAX_URL = 1000;
    private static final Pattern WEB_PAGE = Pattern.compile("(?is)https?://[^/?#]+.*");

    /** Brings the values into their ranges. */
    public RenewalInformation {
        requireNonNull(window, "window");
        explanationUrl = isForPeople(explanationUrl) ? Text.escape(explanationUrl, MAX_URL) : "";
        askAgainAfter = askAgainAfter.compareTo(SOONEST) < 0
                ? SOONEST
                : askAgainAfter.compareTo(LATEST) > 0 ? LATEST : askAgainAfter;
    }

    /** What is no web page, or longer than any URL that a person would open, is not shown. */
    private static boolean isForPeople(String url) {
        return url.length() <= MAX_URL && WEB_PAGE.matcher(url).matches();
    }
}
