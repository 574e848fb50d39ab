package org.autotls.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.yaml.snakeyaml.Yaml;

/** What an IDE offers is what the application reads. */
class MetadataTest {

    private static final Map<String, String> BOXED = Map.of("boolean", "java.lang.Boolean", "int", "java.lang.Integer");

    @Test
    void metadata_hasEachPropertyWithItsTypeAndDefault() throws Exception {
        Map<String, Map<String, Object>> described = new LinkedHashMap<>();
        for (Object property : (List<?>) metadata().get("properties")) {
            @SuppressWarnings("unchecked")
            Map<String, Object> values = (Map<String, Object>) property;
            if (values.get("name").toString().startsWith("autotls.")) {
                described.put(values.get("name").toString(), values);
            }
        }
        List<RecordComponent> components = List.of(AutoTlsProperties.class.getRecordComponents());
        assertThat(described.keySet())
                .containsExactlyElementsOf(
                        components.stream().map(MetadataTest::name).toList());
        for (RecordComponent component : components) {
            Map<String, Object> values = described.get(name(component));
            assertThat(values.get("description").toString())
                    .as(name(component))
                    .endsWith(".")
                    .hasSizeGreaterThan(20);
            assertThat(values.get("type")).as(name(component)).isEqualTo(type(component));
            assertThat(Optional.ofNullable(values.get("defaultValue")).map(Object::toString))
                    .as(name(component))
                    .isEqualTo(defaultValue(component));
        }
    }

    private static Map<String, Object> metadata() throws Exception {
        try (InputStream in =
                AutoTlsProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            return new Yaml().load(in);
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

    private static Optional<String> defaultValue(RecordComponent component) {
        return Stream.of(AutoTlsProperties.class.getDeclaredConstructors()[0].getParameters())
                .filter(parameter -> parameter.getName().equals(component.getName()))
                .flatMap(parameter -> Stream.ofNullable(parameter.getAnnotation(DefaultValue.class)))
                .map(value -> value.value().length == 0 ? "[]" : value.value()[0])
                .findFirst();
    }
}
