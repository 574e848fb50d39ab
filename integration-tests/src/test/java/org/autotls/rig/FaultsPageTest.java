package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/faults.md says is tested, is: each row names tests that exist, the first by the row's ID, or says why not. */
class FaultsPageTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([A-Z][0-9]+) \\|.*\\| ([^|]+) \\|$");
    private static final Pattern TEST = Pattern.compile("`([A-Za-z0-9]+)#([A-Za-z0-9_]+)`");
    private static final Pattern REASON = Pattern.compile("not tested: .{20,}");

    /** How many rows each section has. */
    private static final Map<String, Integer> SECTIONS = Map.of("A", 17, "B", 22, "C", 10, "D", 12, "L", 9);

    private final String page = Repository.read(Repository.root().resolve("docs/faults.md"));

    @Test
    void rows_areAllThereOnce() {
        List<String> expected = SECTIONS.entrySet().stream()
                .flatMap(section ->
                        IntStream.rangeClosed(1, section.getValue()).mapToObj(number -> section.getKey() + number))
                .toList();
        assertThat(ROW.matcher(page).results().map(row -> row.group(1))).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void rows_nameTestsOfTheirIdThatExist_orSayWhyNot() {
        Map<String, String> sources = sources();
        List<String> wrong = new ArrayList<>();
        Matcher row = ROW.matcher(page);
        while (row.find()) {
            String id = row.group(1);
            List<String> tests = tests(row.group(2)).toList();
            if (tests.isEmpty() && !REASON.matcher(row.group(2)).lookingAt()) {
                wrong.add(id + " has neither a test nor a reason");
            }
            if (!tests.isEmpty() && !tests.get(0).contains("#" + id + "_")) {
                wrong.add(id + " begins with the test of another row, " + tests.get(0));
            }
        }
        tests(page).filter(test -> !exists(sources, test)).forEach(test -> wrong.add(test + " does not exist"));
        assertThat(wrong).isEmpty();
    }

    private static Stream<String> tests(String text) {
        return TEST.matcher(text).results().map(found -> found.group(1) + "#" + found.group(2));
    }

    private static boolean exists(Map<String, String> sources, String test) {
        String[] names = test.split("#", -1);
        return sources.getOrDefault(names[0], "").contains(" " + names[1] + "(");
    }

    /** Every Java file by its class. */
    private static Map<String, String> sources() {
        return Repository.files().stream()
                .filter(file -> file.toString().endsWith(".java"))
                .collect(Collectors.toMap(
                        FaultsPageTest::className, Repository::read, (one, other) -> one + other, TreeMap::new));
    }

    private static String className(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }
}
