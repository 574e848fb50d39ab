package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnsTest {

    private static final List<List<String>> ROWS =
            List.of(List.of("NAME", "LEFT"), List.of("long.example", "9 days"), List.of("b", "expired"));

    @Test
    void aligned_padsAllButTheLastColumn() {
        assertThat(Columns.aligned(ROWS))
                .containsExactly("NAME          LEFT", "long.example  9 days", "b             expired");
        assertThat(Columns.begin(ROWS, 0)).isZero();
        assertThat(Columns.begin(ROWS, 1)).isEqualTo("long.example".length() + 2);
        assertThat(Columns.aligned(List.of())).isEmpty();
    }

    /** It was measured anew for each row: ten thousand rows took longer than reading their certificates. */
    @Test
    void aligned_looksAtEachRowAFewTimes() {
        int[] looks = {0};
        List<String> row = new AbstractList<>() {
            @Override
            public String get(int index) {
                looks[0]++;
                return "x";
            }

            @Override
            public int size() {
                return 3;
            }
        };
        assertThat(Columns.aligned(Collections.nCopies(1_000, row))).hasSize(1_000);
        assertThat(looks[0]).isLessThanOrEqualTo(10 * 3 * 1_000);
    }
}
