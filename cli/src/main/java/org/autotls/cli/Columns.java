package org.autotls.cli;

import java.util.List;
import java.util.stream.IntStream;

/** Tables for people. Stateless. */
final class Columns {

    private static final int GAP = 2;

    private Columns() {}

    /** One line for each row, columns as wide as what stands in them; the last column is not padded. */
    static List<String> aligned(List<List<String>> rows) {
        return rows.stream()
                .map(row -> {
                    StringBuilder line = new StringBuilder();
                    for (int i = 0; i < row.size(); i++) {
                        line.append(row.get(i))
                                .append(" ".repeat(width(rows, i) - row.get(i).length()));
                    }
                    return line.toString().stripTrailing();
                })
                .toList();
    }

    /** How wide a column is, with the gap behind it. */
    private static int width(List<List<String>> rows, int column) {
        return GAP
                + rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    /** Where a column begins. */
    static int begin(List<List<String>> rows, int column) {
        return IntStream.range(0, column).map(before -> width(rows, before)).sum();
    }
}
