package org.autotls.doctor;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * One CAA record (RFC 8659 §4.1). Immutable.
 *
 * @param critical whether a CA that does not know the tag must not issue
 * @param tag the property's name, in lower case
 * @param value the property's value, as it is
 */
public record CaaRecord(boolean critical, String tag, String value) {

    /** Lowers the tag: case does not matter. */
    public CaaRecord {
        tag = tag.toLowerCase(Locale.ROOT);
        requireNonNull(value, "value");
    }

    @Override
    public String toString() {
        return (critical ? "128 " : "0 ") + tag + " \"" + value + "\"";
    }
}
