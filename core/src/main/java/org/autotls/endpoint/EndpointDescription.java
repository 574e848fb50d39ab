package org.autotls.endpoint;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.autotls.Text;

/**
 * An endpoint string taken apart, in Twisted's grammar. Immutable.
 *
 * <p>Fields are separated by {@code :}. A backslash makes the next character literal: {@code \:}, {@code \\}, {@code \=}.
 * A field with an unescaped {@code =} is a keyword argument, the first such sign dividing name from value; all others are
 * positional. The first field is the prefix. Fields that are left over for a sub-endpoint are a description of their own
 * ({@link #rest}), which remembers the whole string and its columns for the sake of error messages.
 */
public final class EndpointDescription {

    /** The longest string that is read: 64 KiB of characters. */
    public static final int MAX_LENGTH = 65_536;

    /**
     * One field. Immutable.
     *
     * @param name the keyword's name; empty if the field is positional
     * @param value the value, unescaped
     * @param column where the value begins in the whole string, in characters, from 1
     */
    public record Field(String name, String value, int column) {

        /** Checks a field. */
        public Field {
            requireNonNull(name, "name");
            requireNonNull(value, "value");
        }

        /**
         * Tells whether the field is a keyword argument.
         *
         * @return whether it has a name
         */
        public boolean isKeyword() {
            return !name.isEmpty();
        }

        /** The field as it is written in a string, escaped. */
        @Override
        public String toString() {
            return isKeyword() ? escape(name, true) + "=" + escape(value, false) : escape(value, true);
        }
    }

    private final String text;
    private final List<Field> fields;

    EndpointDescription(String text, List<Field> fields) {
        this.text = text;
        this.fields = List.copyOf(fields);
    }

    /**
     * Takes a string apart.
     *
     * @param text for example {@code acme:https\://ca.example/dir:/srv/certs:tcp:443:interface=192.0.2.1}
     * @return the description
     * @throws EndpointException if the string is longer than {@link #MAX_LENGTH}, holds a control character, ends in a
     *     backslash, begins without a prefix, or has a keyword without a name or one that is given twice
     */
    public static EndpointDescription parse(String text) {
        return new EndpointDescription(text, new EndpointLexer(text).fields());
    }

    /**
     * Writes a value so that it stands in a string as one positional field or as a keyword's value.
     *
     * @param value any text
     * @return the value with backslashes before {@code \}, {@code :} and {@code =}
     */
    public static String escape(String value) {
        return escape(value, true);
    }

    /**
     * Returns the whole string that this description, or the one around it, was read from.
     *
     * @return as it was given
     */
    public String text() {
        return text;
    }

    /**
     * Returns the prefix, which chooses the {@link EndpointParser}.
     *
     * @return the first field
     */
    public Field prefix() {
        return fields.get(0);
    }

    /**
     * Returns all fields in order, the prefix first.
     *
     * @return at least one; unmodifiable
     */
    public List<Field> fields() {
        return fields;
    }

    /**
     * Returns a positional field.
     *
     * @param index from 1; 0 is the prefix
     * @param expected what stands there, for the message: for example {@code the certificate directory}
     * @return the field; never empty
     * @throws EndpointException if there is none, or it is empty
     */
    public Field positional(int index, String expected) {
        List<Field> found = fields.stream().filter(f -> !f.isKeyword()).toList();
        if (index >= found.size()) {
            throw missing(expected);
        }
        Field field = found.get(index);
        if (field.value().isEmpty()) {
            throw refuse(field, expected);
        }
        return field;
    }

    /**
     * Finds a keyword argument, wherever it stands.
     *
     * @param name the keyword
     * @return the field, or empty
     */
    public Optional<Field> keyword(String name) {
        return fields.stream()
                .filter(f -> f.isKeyword() && f.name().equals(name))
                .findFirst();
    }

    /**
     * Takes a keyword argument out, wherever it stands: what is the outer endpoint's must not reach the inner one.
     *
     * @param name the keyword
     * @return a description without it
     */
    public EndpointDescription without(String name) {
        return new EndpointDescription(
                text,
                fields.stream()
                        .filter(f -> !f.isKeyword() || !f.name().equals(name))
                        .toList());
    }

    /**
     * Returns the sub-endpoint's own description: everything but the prefix and the first positional fields. Keyword
     * arguments stay, wherever they stand.
     *
     * @param from the sub-endpoint's prefix, counted in positional fields; the outer prefix is 0
     * @param expected what stands there, for the message
     * @return the sub-endpoint, its prefix first
     * @throws EndpointException if there is no such field
     */
    public EndpointDescription rest(int from, String expected) {
        positional(from, expected);
        List<Field> head = new ArrayList<>();
        List<Field> tail = new ArrayList<>();
        int position = 0;
        for (Field field : fields) {
            if (field.isKeyword()) {
                tail.add(field);
            } else if (position++ == from) {
                head.add(field);
            } else if (position > from) {
                tail.add(field);
            }
        }
        head.addAll(tail);
        return new EndpointDescription(text, head);
    }

    /**
     * Makes the exception that refuses a field.
     *
     * @param field what is wrong
     * @param expected what should stand there, as in {@code a port from 0 to 65535}
     * @return the exception, to be thrown
     */
    public EndpointException refuse(Field field, String expected) {
        String found = field.value().isEmpty() ? "nothing" : "'" + Text.escape(field.value()) + "'";
        return new EndpointException(text, field.column(), "expected " + expected + ", found " + found);
    }

    /**
     * Makes the exception that says that something is missing at the end.
     *
     * @param expected what should stand there
     * @return the exception, to be thrown
     */
    public EndpointException missing(String expected) {
        return new EndpointException(text, text.length() + 1, "expected " + expected + ", found the end");
    }

    /**
     * Two descriptions are equal when they have equal fields in the same order, wherever those stood in a string.
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof EndpointDescription that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** The canonical string: {@link #parse} reads it back to an equal description. */
    @Override
    public String toString() {
        return fields.stream().map(Field::toString).collect(Collectors.joining(":"));
    }

    private static String escape(String value, boolean equalsToo) {
        StringBuilder out = new StringBuilder(value.length() + 8);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ':' || c == '\\' || (c == '=' && equalsToo)) {
                out.append('\\');
            }
            out.append(c);
        }
        return out.toString();
    }
}
