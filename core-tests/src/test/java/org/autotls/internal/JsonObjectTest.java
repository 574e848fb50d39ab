package org.autotls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {

    @Test
    void parse_readsWhatWriteWrites() {
        String text = JsonObject.write(Map.of("a", "x\n\"", "b", List.of("y", Map.of("c", 3)), "d", true));
        JsonObject read = JsonObject.parse(text);
        assertThat(read.text("a")).contains("x\n\"");
        assertThat(read.texts("b")).containsExactly("y");
        assertThat(read.objects("b").get(0).number("c")).contains(3L);
        assertThat(read.flag("d")).contains(true);
    }

    @Test
    void accessors_takeAWrongTypeForAbsent() {
        JsonObject read = JsonObject.parse("{\"a\":1,\"b\":null,\"c\":1e999,\"d\":123456789012345678901}");
        assertThat(read.text("a")).isEmpty();
        assertThat(read.object("b")).isEmpty();
        assertThat(read.number("c")).isEmpty();
        assertThat(read.number("d")).isEmpty();
        assertThat(read.texts("a")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "<html>",
                "{",
                "{\"a\":1",
                "{\"a\":1,\"a\":2}",
                "{\"a\":NaN}",
                "{} {}",
                "{\"a\":'x'}"
            })
    void A8_whatIsNotOneObject_isRefused(String text) {
        assertThatThrownBy(() -> JsonObject.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void A8_depth100000_isRefused() {
        String bomb = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThatThrownBy(() -> JsonObject.parse(bomb)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void A8_manyMembers_areRefused() {
        String bomb =
                IntStream.range(0, 60_000).mapToObj(i -> "\"k" + i + "\":0").collect(Collectors.joining(",", "{", "}"));
        assertThatThrownBy(() -> JsonObject.parse(bomb)).hasMessageContaining("values");
    }

    @Test
    void A8_hugeNumberAndLongText_areRefused() {
        assertThatThrownBy(() -> JsonObject.parse("{\"a\":" + "9".repeat(1000) + "}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JsonObject.parse("{\"a\":\"" + "x".repeat(1 << 20) + "\"}"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
