package org.autotls.endpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.Text;
import org.autotls.endpoint.EndpointDescription.Field;

/**
 * The arguments of an endpoint without a sub-endpoint, each under its name: positional ones in the order of the parameters,
 * keywords by name, as Twisted calls its parsers. Immutable.
 */
public final class EndpointArguments {

    private final EndpointDescription description;
    private final Map<String, Field> byName;

    private EndpointArguments(EndpointDescription description, Map<String, Field> byName) {
        this.description = description;
        this.byName = byName;
    }

    /**
     * Gives each field its parameter.
     *
     * @param description the whole endpoint, its prefix first
     * @param usage how it is written, for the message: {@code tcp:PORT[:interface=ADDR][:backlog=N]}
     * @param parameters the names that the endpoint knows, in positional order
     * @return the arguments
     * @throws EndpointException if there is a field too many, an unknown keyword, or one parameter twice
     */
    public static EndpointArguments of(EndpointDescription description, String usage, String... parameters) {
        Map<String, Field> byName = new LinkedHashMap<>();
        List<Field> fields =
                description.fields().subList(1, description.fields().size());
        int position = 0;
        for (Field field : fields) {
            if (!field.isKeyword() && position >= parameters.length) {
                throw tooMany(description, field, usage);
            }
            String name = field.isKeyword() ? field.name() : parameters[position++];
            if (!List.of(parameters).contains(name)) {
                throw unknown(description, field, usage);
            }
            if (byName.putIfAbsent(name, field) != null) {
                throw new EndpointException(
                        description.text(), field.column(), "expected " + name + " once, found it again: " + usage);
            }
        }
        return new EndpointArguments(description, byName);
    }

    /**
     * Finds an argument.
     *
     * @param name the parameter
     * @return the field, or empty if it was not given
     */
    public Optional<Field> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * Returns an argument that must be given.
     *
     * @param name the parameter
     * @param expected what should stand there, for the message
     * @return the field; never empty
     * @throws EndpointException if it is missing or empty
     */
    public Field require(String name, String expected) {
        Field field = find(name).orElseThrow(() -> description.missing(expected));
        if (field.value().isEmpty()) {
            throw description.refuse(field, expected);
        }
        return field;
    }

    /**
     * Reads a whole number.
     *
     * @param field an argument
     * @param radix 10, or 8 for a file mode
     * @param min the smallest that is taken
     * @param max the largest that is taken
     * @param expected what should stand there, for the message
     * @return the number
     * @throws EndpointException if it is no such number; ASCII digits only, without a sign
     */
    public int number(Field field, int radix, int min, int max, String expected) {
        String value = field.value();
        boolean digits = !value.isEmpty()
                && value.length() <= 9
                && value.chars().allMatch(c -> c < 128 && Character.digit(c, radix) >= 0);
        int number = digits ? Integer.parseInt(value, radix) : -1;
        if (number < min || number > max) {
            throw description.refuse(field, expected);
        }
        return number;
    }

    private static EndpointException tooMany(EndpointDescription description, Field field, String usage) {
        return new EndpointException(
                description.text(),
                field.column(),
                "expected nothing more, found '" + Text.escape(field.value()) + "'; a colon inside a value is written"
                        + " '\\:' (" + usage + ")");
    }

    private static EndpointException unknown(EndpointDescription description, Field field, String usage) {
        return new EndpointException(
                description.text(),
                field.column(),
                "'" + Text.escape(description.prefix().value()) + "' knows no keyword '" + Text.escape(field.name())
                        + "'; expected " + usage);
    }
}
