package org.autotls;

import static java.util.Objects.requireNonNull;

/**
 * What compare-and-save compares: a content hash or a row version, as the store likes. Immutable.
 *
 * @param value opaque; equal values mean the same content
 */
public record Revision(String value) {

    /** Nothing is stored. */
    public static final Revision NONE = new Revision("");

    /** Checks the value. */
    public Revision {
        requireNonNull(value, "value");
    }
}
