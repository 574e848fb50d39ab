package org.autotls.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

    private static final byte[] CONTENT =
            "certainly more than forty-eight bytes of content, so that it wraps".getBytes(StandardCharsets.US_ASCII);
    private static final String BLOCK = Pem.encode("THING", CONTENT);

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void parse_takesEveryLineEnd(String end) {
        assertThat(Pem.parse(BLOCK.replace("\n", end)).get(0).content()).isEqualTo(CONTENT);
    }

    @Test
    void parse_takesTextBetweenMarkAndNoFinalNewline() {
        String text = "\ufeff" + BLOCK + "subject=CN = a\n\t\n" + BLOCK.strip();
        List<Pem.Block> blocks = Pem.parse(text);
        assertThat(blocks).hasSize(2);
        assertThat(blocks.get(1).type()).isEqualTo("THING");
    }

    @Test
    void parse_refusesABlockCutAfterItsFirstLine() {
        for (int end = BLOCK.indexOf('\n') + 1; end < BLOCK.length() - 1; end++) {
            String cut = BLOCK.substring(0, end);
            assertThatThrownBy(() -> Pem.parse(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void parse_doesNotQuoteTheContent() {
        String secret = BLOCK.replace("Y2Vy", "!SECRET!");
        assertThatThrownBy(() -> Pem.parse(secret)).message().doesNotContain("SECRET");
    }

    @Test
    void F8_manyBeginLines_areLinear() {
        String hostile = "-----BEGIN X-----\n-----END X-----\n".repeat(25_000);
        assertThat(Pem.parse(hostile)).hasSize(25_000);
    }
}
