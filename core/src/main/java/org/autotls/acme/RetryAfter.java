package org.autotls.acme;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The Retry-After header in both its forms, seconds and HTTP-date (RFC 9110 §10.2.3), clamped to what a client can act on:
 * at least 1 s, at most a day. Stateless.
 */
final class RetryAfter {

    private static final Duration FLOOR = Duration.ofSeconds(1);
    private static final Duration CAP = Duration.ofDays(1);

    /** RFC 9110 §5.6.7: the form to send, then the two obsolete ones that a reader must take. */
    private static final List<DateTimeFormatter> DATES = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern("EEEE, dd-MMM-")
                    .appendValueReduced(ChronoField.YEAR, 2, 2, 2000)
                    .appendPattern(" HH:mm:ss 'GMT'")
                    .toFormatter(Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC),
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern("EEE MMM ppd HH:mm:ss yyyy")
                    .toFormatter(Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC));

    private RetryAfter() {}

    /**
     * Reads the header.
     *
     * @param values the values of all Retry-After headers; the longest wait wins
     * @param now what a date is measured from, best the answer's own Date, since our clock may differ from the CA's
     * @return how long to wait, 1 s to 1 day; empty if no value can be read
     */
    static Optional<Duration> parse(List<String> values, Instant now) {
        return values.stream()
                .map(value -> parse(value.strip(), now))
                .flatMap(Optional::stream)
                .max(Duration::compareTo);
    }

    /**
     * Reads an HTTP-date.
     *
     * @param text one of the three forms of RFC 9110 §5.6.7
     * @return empty if it is none of them
     */
    static Optional<Instant> date(String text) {
        return DATES.stream()
                .map(format -> date(format, text))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Instant> date(DateTimeFormatter format, String text) {
        try {
            return Optional.of(format.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty(); // perhaps one of the other forms
        }
    }

    private static Optional<Duration> parse(String value, Instant now) {
        if (value.matches("-?\\d{1,1000}")) {
            boolean negative = value.startsWith("-");
            // Ten digits of seconds are more than the cap; longer ones need not be counted.
            boolean beyond = !negative && value.length() > 10;
            return Optional.of(beyond ? CAP : negative ? FLOOR : clamp(Duration.ofSeconds(Long.parseLong(value))));
        }
        return date(value).map(date -> clamp(Duration.between(now, date)));
    }

    private static Duration clamp(Duration wait) {
        if (wait.compareTo(FLOOR) < 0) {
            return FLOOR;
        }
        return wait.compareTo(CAP) > 0 ? CAP : wait;
    }
}
