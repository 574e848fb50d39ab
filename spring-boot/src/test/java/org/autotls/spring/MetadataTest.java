package org.autotls.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.yaml.snakeyaml.Yaml;

/** What an IDE offers is what the application reads. */
class MetadataTest {

    private static final Map<String, String> BOXED = Map.of("boolean", "java.lang.Boolean", "int", "java.lang.Integer");

    /** What is said about one property. */
    private record Described(String name, String type, String description, String defaultValue) {

        static Described of(Object entry) {
            Map<?, ?> values = (Map<?, ?>) entry;
            return new Described(
                    String.valueOf(values.get("name")),
                    String.valueOf(values.get("type")),
                    String.valueOf(values.get("description")),
                    String.valueOf(values.get("defaultValue")));
        }
    }

    @Test
    void metadata_hasEachPropertyWithItsTypeAndDefault() throws Exception {
        List<Described> described = described();
        assertThat(described)
                .extracting(Described::name, Described::type, Described::defaultValue)
                .containsExactlyElementsOf(Stream.of(AutoTlsProperties.class.getRecordComponents())
                        .map(component -> tuple(name(component), type(component), defaultValue(component)))
                        .toList());
        assertThat(described)
                .allSatisfy(property ->
                        assertThat(property.description()).endsWith(".").hasSizeGreaterThan(20));
    }

    private static List<Described> described() throws Exception {
        try (InputStream in = Objects.requireNonNull(
                AutoTlsProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            Map<String, List<Object>> metadata = new Yaml().load(in);
            return Objects.requireNonNull(metadata.get("properties")).stream()
                    .map(Described::of)
                    .filter(property -> property.name().startsWith("autotls."))
                    .toList();
        }
    }

    private static String name(RecordComponent component) {
        return ConfigurationPropertyName.of("autotls")
                .append(component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT))
                .toString();
    }

    private static String type(RecordComponent component) {
        String type = component.getGenericType().getTypeName();
        return BOXED.getOrDefault(type, type);
    }

    private static String defaultValue(RecordComponent component) {
        return Stream.of(AutoTlsProperties.class.getDeclaredConstructors()[0].getParameters())
                .filter(parameter -> parameter.getName().equals(component.getName()))
                .flatMap(parameter -> Stream.ofNullable(parameter.getAnnotation(DefaultValue.class)))
                .map(value -> value.value().length == 0 ? "[]" : value.value()[0])
                .findFirst()
                .orElse("null");
    }
}
