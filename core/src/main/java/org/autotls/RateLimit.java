package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many of something at once, and so many in each period in the long run, as CAs publish it. Immutable.
 *
 * @param count from 1 to a million
 * @param period in which {@code count} come back, evenly; more than zero, at most a year
 */
public record RateLimit(int count, Duration period) {

    private static final int MAX_COUNT = 1_000_000;
    private static final Duration MAX_PERIOD = Duration.ofDays(366);
    private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,6})/([1-9]\\d{0,4})?([smhd])");
    private static final Map<String, Duration> UNITS = Map.of(
            "s", Duration.ofSeconds(1), "m", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1));

    /** No limit worth the name. */
    public static final RateLimit NONE = new RateLimit(1_000_000, Duration.ofSeconds(1));

    /** Checks the values. */
    public RateLimit {
        boolean sound = count >= 1
                && count <= MAX_COUNT
                && !period.isNegative()
                && !period.isZero()
                && period.compareTo(MAX_PERIOD) <= 0;
        if (!sound) {
            throw new IllegalArgumentException("limit of " + count + " in " + period
                    + ": expected 1 to a million, in more than zero and at most a year");
        }
    }

    /**
     * Reads a limit.
     *
     * @param text {@code 300/3h}: a count, and a period in s, m, h or d; or {@code none}
     * @return the limit
     * @throws IllegalArgumentException naming the text
     */
    public static RateLimit parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (text.equals("none")) {
            return NONE;
        }
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "limit '" + Text.escape(text) + "': expected a count and a period, such as 300/3h, or none");
        }
        Duration unit = requireNonNull(UNITS.get(matcher.group(3)));
        String units = matcher.group(2);
        return new RateLimit(
                Integer.parseInt(matcher.group(1)), unit.multipliedBy(units == null ? 1 : Long.parseLong(units)));
    }

    /**
     * Returns the limit for requests per second.
     *
     * @param perSecond how many in the long run
     * @param burst how many at once
     * @return the limit
     */
    public static RateLimit perSecond(int perSecond, int burst) {
        return new RateLimit(burst, Duration.ofSeconds(burst).dividedBy(perSecond));
    }

    /** As {@link #parse} reads it, the period in seconds. */
    @Override
    public String toString() {
        return equals(NONE) ? "none" : count + "/" + Math.max(1, period.toSeconds()) + "s";
    }
}
