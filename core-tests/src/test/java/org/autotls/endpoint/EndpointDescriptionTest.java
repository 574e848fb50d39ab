package org.autotls.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.autotls.endpoint.EndpointDescription.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointDescriptionTest {

    @Test
    void parse_twistedExample_splitsPositionalAndKeyword() {
        EndpointDescription description = EndpointDescription.parse("a:b:d=1:c");

        assertThat(description.fields())
                .containsExactly(
                        new Field("", "a", 1), new Field("", "b", 3), new Field("d", "1", 7), new Field("", "c", 9));
        assertThat(description.keyword("d")).contains(new Field("d", "1", 7));
        assertThat(description.positional(2, "c").value()).isEqualTo("c");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp:a\\:b, a:b",
        "tcp:a\\\\b, a\\b",
        "tcp:a\\=b, a=b",
        "tcp:\\a, a",
        "tcp:$HOME/../x%00, $HOME/../x%00",
        "'tcp: a ', ' a '",
        "tcp:, ''",
    })
    void parse_value_unescapesAndTakesTheRestLiterally(String text, String value) {
        assertThat(EndpointDescription.parse(text).fields().get(1).value()).isEqualTo(value);
    }

    @Test
    void parse_secondEqualsSign_belongsToTheValue() {
        Field field = EndpointDescription.parse("p:name=a=b\\:c").fields().get(1);

        assertThat(field.name()).isEqualTo("name");
        assertThat(field.value()).isEqualTo("a=b:c");
    }

    @Test
    void rest_keepsKeywordsWhereverTheyStand() {
        EndpointDescription description = EndpointDescription.parse("le:timeout=5:/d\\:1:tcp:interface=a:443");

        EndpointDescription sub = description.without("timeout").rest(2, "a sub-endpoint");

        assertThat(sub).hasToString("tcp:interface=a:443");
        assertThat(sub.text()).isEqualTo(description.text());
        assertThat(sub.prefix().column()).isEqualTo(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|1|expected a prefix, such as le, txsni or tcp, found nothing",
                ":tcp|1|expected a prefix, such as le, txsni or tcp, found nothing",
                "a=b:tcp|1|expected a prefix, such as le, txsni or tcp, found the keyword 'a'",
                "tcp:443\\|8|expected a character after the backslash, found the end; a backslash is written '\\\\'",
                "tcp:=b|5|expected a keyword's name before '='; a literal '=' is written '\\='",
                "tcp:x=1:y=2:x=3|13|expected 'x' once, found it again",
            })
    void parse_badString_namesColumnAndExpectation(String text, int column, String problem) {
        EndpointException refused =
                catchThrowableOfType(EndpointException.class, () -> EndpointDescription.parse(text));

        assertThat(refused.column()).isEqualTo(column);
        assertThat(refused.problem()).isEqualTo(problem);
        assertThat(refused.text()).isEqualTo(text);
        assertThat(refused)
                .hasMessage("bad endpoint, column " + column + ": " + problem + "\n  " + text + "\n  "
                        + " ".repeat(column - 1) + "^");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 10, 13, 27, 0x7f, 0x85})
    void N12_controlCharacter_refused(int codePoint) {
        String text = "tcp:4" + (char) codePoint + "43";

        assertThatThrownBy(() -> EndpointDescription.parse(text))
                .isInstanceOf(EndpointException.class)
                .hasMessageContaining("column 6: expected no control character, found U+%04X", codePoint);
    }

    @Test
    void N12_tooLong_refusedWithAShortMessage() {
        String text = "tcp:" + "9".repeat(1_000_000);

        EndpointException refused =
                catchThrowableOfType(EndpointException.class, () -> EndpointDescription.parse(text));

        assertThat(refused.problem()).isEqualTo("expected at most 65536 characters, found 1000004");
        assertThat(refused).message().hasSizeLessThan(400);
        assertThat(EndpointDescription.parse("tcp:" + "9".repeat(65_532)).fields())
                .hasSize(2);
    }

    @Test
    void message_caretStandsUnderWhatWasFound_alsoAfterEscapedCharacters() {
        EndpointException refused = new EndpointException("le:/ü:x", 6, "expected y");

        assertThat(refused)
                .hasMessage("bad endpoint, column 6: expected y\n  le:/\\u00fc:x\n  " + " ".repeat(10) + "^");
    }

    @Test
    void N12_randomFields_roundTrip() {
        RandomGenerator random = new Random(20_261_124L);
        for (int run = 0; run < 20_000; run++) {
            EndpointDescription made = new EndpointDescription("", fields(random));

            EndpointDescription read = EndpointDescription.parse(made.toString());

            assertThat(read).as("run %d: %s", run, made).isEqualTo(made);
            assertThat(read.toString()).isEqualTo(made.toString());
            assertThat(read.fields().stream().map(Field::value).toList())
                    .isEqualTo(made.fields().stream().map(Field::value).toList());
        }
    }

    @Test
    void N12_randomText_isReadOrRefusedWithAColumnInside() {
        RandomGenerator random = new Random(12L);
        int read = 0;
        for (int run = 0; run < 20_000; run++) {
            String text = text(random, 12);
            try {
                EndpointDescription description = EndpointDescription.parse(text);
                assertThat(EndpointDescription.parse(description.toString())).isEqualTo(description);
                read++;
            } catch (EndpointException e) {
                assertThat(e.column()).isBetween(1, text.length() + 1);
            }
        }
        assertThat(read).isGreaterThan(5_000);
    }

    private static List<Field> fields(RandomGenerator random) {
        List<Field> fields = new ArrayList<>();
        fields.add(new Field("", "p" + text(random, 4), 1));
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            String name = random.nextInt(3) == 0 ? i + text(random, 3) : "";
            fields.add(new Field(name, text(random, 8), 1));
        }
        return fields;
    }

    private static String text(RandomGenerator random, int max) {
        String letters = "ab0:\\=/~. é€\ud800";
        int length = random.nextInt(max + 1);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++) {
            out.append(letters.charAt(random.nextInt(letters.length())));
        }
        return out.toString();
    }
}
