package org.autotls.cli;

import java.util.Arrays;
import java.util.List;

/** Tables for people. Stateless. */
final class Columns {

    private static final int GAP = 2;

    private Columns() {}

    /** One line for each row, columns as wide as what stands in them; the last column is not padded. */
    static List<String> aligned(List<List<String>> rows) {
        int[] widths = widths(rows);
        return rows.stream()
                .map(row -> {
                    StringBuilder line = new StringBuilder();
                    for (int i = 0; i < row.size(); i++) {
                        line.append(row.get(i))
                                .append(" ".repeat(widths[i] - row.get(i).length()));
                    }
                    return line.toString().stripTrailing();
                })
                .toList();
    }

    /** How wide each column is, with the gap behind it; looks at every cell, so once for all rows. */
    private static int[] widths(List<List<String>> rows) {
        int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length() + GAP);
            }
        }
        return widths;
    }

    /** Where a column begins. */
    static int begin(List<List<String>> rows, int column) {
        return Arrays.stream(widths(rows), 0, column).sum();
    }
}
