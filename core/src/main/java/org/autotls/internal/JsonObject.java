package org.autotls.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.Text;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object read with bounds: depth 20, 1 MiB of text, 10,000 members in all, no member twice, nothing behind the
 * object. A member of another type than asked for counts as absent, so that a hostile answer meets one error path.
 * Immutable.
 */
public final class JsonObject {

    private static final int MAX_DEPTH = 20;
    private static final int MAX_TEXT = 1 << 20;
    private static final int MAX_VALUES = 10_000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(30)
                    .maxNameLength(1000)
                    .maxStringLength(MAX_TEXT)
                    .maxDocumentLength(MAX_TEXT)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, @Nullable Object> members;

    private JsonObject(Map<String, @Nullable Object> members) {
        this.members = members;
    }

    /**
     * Reads one object.
     *
     * @param text JSON
     * @return the object
     * @throws IllegalArgumentException if it is not one JSON object within the bounds
     */
    public static JsonObject parse(String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("JSON of " + text.length() + " characters; at most " + MAX_TEXT);
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object: " + Text.escape(text, 80));
            }
            JsonObject object = readObject(parser, new int[] {MAX_VALUES});
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("text behind the JSON object");
            }
            return object;
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON: " + Text.escape(String.valueOf(e.getMessage())), e);
        }
    }

    /**
     * Writes a map as a JSON object.
     *
     * @param members values may be text, numbers, booleans, maps and collections
     * @return JSON without blanks
     */
    public static String write(Map<String, ?> members) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            writeValue(generator, members);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    /**
     * Returns a text member.
     *
     * @param name the member's name
     * @return empty if it is absent or not a text
     */
    public Optional<String> text(String name) {
        return members.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /**
     * Returns a whole number member.
     *
     * @param name the member's name
     * @return empty if it is absent or not a whole number of 64 bits
     */
    public Optional<Long> number(String name) {
        return members.get(name) instanceof Long number ? Optional.of(number) : Optional.empty();
    }

    /**
     * Returns a boolean member.
     *
     * @param name the member's name
     * @return empty if it is absent or not a boolean
     */
    public Optional<Boolean> flag(String name) {
        return members.get(name) instanceof Boolean flag ? Optional.of(flag) : Optional.empty();
    }

    /**
     * Returns an object member.
     *
     * @param name the member's name
     * @return empty if it is absent or not an object
     */
    public Optional<JsonObject> object(String name) {
        return members.get(name) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
    }

    /**
     * Returns the names of all members.
     *
     * @return in the order of the text; an unmodifiable copy
     */
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    /**
     * Returns the texts of an array member; elements of other types are left out.
     *
     * @param name the member's name
     * @return empty if the member is absent or not an array
     */
    public List<String> texts(String name) {
        return elements(name, String.class);
    }

    /**
     * Returns the objects of an array member; elements of other types are left out.
     *
     * @param name the member's name
     * @return empty if the member is absent or not an array
     */
    public List<JsonObject> objects(String name) {
        return elements(name, JsonObject.class);
    }

    private <T> List<T> elements(String name, Class<T> type) {
        return members.get(name) instanceof List<?> list
                ? list.stream().filter(type::isInstance).map(type::cast).toList()
                : List.of();
    }

    private static JsonObject readObject(JsonParser parser, int[] budget) throws IOException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, readValue(parser, budget));
        }
        return new JsonObject(members);
    }

    private static @Nullable Object readValue(JsonParser parser, int[] budget) throws IOException {
        if (--budget[0] < 0) {
            throw new IllegalArgumentException("JSON with more than " + MAX_VALUES + " values");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser, budget);
            case START_ARRAY -> readArray(parser, budget);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> whole(parser);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null; // null, or a fraction, which no message of ours has
        };
    }

    private static @Nullable Long whole(JsonParser parser) throws IOException {
        JsonParser.NumberType type = parser.getNumberType();
        return type == JsonParser.NumberType.INT || type == JsonParser.NumberType.LONG ? parser.getLongValue() : null;
    }

    private static List<@Nullable Object> readArray(JsonParser parser, int[] budget) throws IOException {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(readValue(parser, budget));
        }
        return elements;
    }

    private static void writeValue(JsonGenerator generator, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> member : map.entrySet()) {
                generator.writeFieldName(String.valueOf(member.getKey()));
                writeValue(generator, member.getValue());
            }
            generator.writeEndObject();
        } else if (value instanceof Collection<?> collection) {
            generator.writeStartArray();
            for (Object element : collection) {
                writeValue(generator, element);
            }
            generator.writeEndArray();
        } else if (value instanceof Number number) {
            generator.writeNumber(number.longValue());
        } else if (value instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (value == null) {
            generator.writeNull();
        } else {
            generator.writeString(value.toString());
        }
    }
}
