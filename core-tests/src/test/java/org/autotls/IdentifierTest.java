package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifierTest {

    @ParameterizedTest
    @CsvSource({
        "a.example, DNS, a.example",
        "A.Example, DNS, a.example",
        "a.example., DNS, a.example",
        "*.a.example, DNS, *.a.example",
        "localhost, DNS, localhost",
        "xn--strae-oqa.de, DNS, xn--strae-oqa.de",
        "1a.example, DNS, 1a.example",
        "192.0.2.1, IP, 192.0.2.1",
        "2001:DB8::1, IP, 2001:db8::1",
        "2001:db8:0:0:1:0:0:1, IP, 2001:db8::1:0:0:1",
        "::1, IP, ::1",
        "0:0:0:0:0:0:0:0, IP, ::",
    })
    void of_readsWhatAPersonWrites(String text, Identifier.Type type, String value) {
        assertThat(Identifier.of(text)).isEqualTo(new Identifier(type, value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "*",
                "*.",
                "a..b",
                ".a",
                "-a.example",
                "a-.example",
                "a_b.example",
                "a b.example",
                "a.*.example",
                "*.*.example",
                "straße.de",
                "../../etc/passwd",
                "a/b",
                "a\nb",
                "a\0b",
                "1.2.3",
                "256.1.1.1",
                "1.2.3.4.5",
                "01.2.3.4",
                "::g",
                "fe80::1%eth0",
                "[::1]",
            })
    void of_refusesWhatIsNeitherNameNorAddress(String text) {
        assertThatThrownBy(() -> Identifier.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("\n", "\0");
    }

    @Test
    void of_namesTheValueAndTheReason() {
        assertThatThrownBy(() -> Identifier.of("my_host.example")).hasMessageContaining("my_host.example");
        assertThatThrownBy(() -> Identifier.of("my_host.example")).hasMessageContaining("'_'");
    }

    @Test
    void of_bounds253CharactersAnd63PerLabel() {
        String label = "a".repeat(63);
        String longest = label + "." + label + "." + label + "." + "a".repeat(61);
        assertThat(Identifier.of(longest).value()).hasSize(253);
        assertThatThrownBy(() -> Identifier.of(longest + "a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Identifier.of("a".repeat(64) + ".example")).hasMessageContaining("63");
    }

    @Test
    void of_doesNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            assertThat(Identifier.of("ISTANBUL.EXAMPLE").value()).isEqualTo("istanbul.example");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void constructor_refusesWhatIsNotCanonical() {
        assertThatThrownBy(() -> new Identifier(Identifier.Type.DNS, "A.example"))
                .hasMessageContaining("'a.example'");
    }
}
