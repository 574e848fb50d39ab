package org.autotls.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured of several contestants, round by round. Printed are the median and the range of each, and the median and range
 * of its ratio to a peer in the same round: what else the machine did meanwhile hit both.
 */
final class Figures {

    private final Map<String, List<Double>> rounds = new LinkedHashMap<>();

    void add(String contestant, double figure) {
        rounds.computeIfAbsent(contestant, ignored -> new ArrayList<>()).add(figure);
    }

    /** One row for each contestant, with a column for the ratio to each of the peers; peers that did not take part are left out. */
    void print(String unit, String... peers) {
        List<String> present =
                List.of(peers).stream().filter(rounds::containsKey).toList();
        StringBuilder head = new StringBuilder("%n%-22s %26s".formatted("", unit));
        present.forEach(peer -> head.append(" %24s".formatted("/ " + peer)));
        System.out.println(head);
        rounds.forEach((contestant, figures) -> {
            StringBuilder row = new StringBuilder("%-22s %26s".formatted(contestant, text(figures)));
            present.forEach(peer -> row.append(" %24s".formatted(text(ratios(contestant, peer)))));
            System.out.println(row);
        });
    }

    private List<Double> ratios(String contestant, String peer) {
        List<Double> ours = rounds.getOrDefault(contestant, List.of());
        List<Double> theirs = rounds.getOrDefault(peer, List.of());
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
            ratios.add(ours.get(i) / theirs.get(i));
        }
        return ratios;
    }

    private static String text(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        return "%s [%s..%s]"
                .formatted(
                        text(sorted.get(sorted.size() / 2)), text(sorted.get(0)), text(sorted.get(sorted.size() - 1)));
    }

    /** Three digits that count. */
    private static String text(double figure) {
        return figure >= 100
                ? String.format(Locale.ROOT, "%.0f", figure)
                : String.format(Locale.ROOT, figure >= 10 ? "%.1f" : figure >= 1 ? "%.2f" : "%.3f", figure);
    }
}
