package org.autotls;

import static java.util.Objects.requireNonNull;

/**
 * What {@link Responder#present} did, in a form that can be stored, and all that {@link Responder#cleanUp} needs: a
 * restart between the two must not leave anything behind. Immutable.
 *
 * @param type the challenge type
 * @param identifier what was to be proved
 * @param value what the responder needs to undo it, such as a token or a record's value; no secret
 */
public record Presentation(String type, Identifier identifier, String value) {

    /** Checks a presentation. */
    public Presentation {
        requireNonNull(type, "type");
        requireNonNull(identifier, "identifier");
        requireNonNull(value, "value");
    }
}
