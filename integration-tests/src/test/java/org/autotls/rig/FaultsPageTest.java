package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/faults.md says is tested, is, and the other way round: tests begin with the IDs of its rows. */
class FaultsPageTest {

    /** All rows, in the order of the page; written and read as the name of a test is. */
    private static final String ROWS = "A1_to_A17_B1_to_B22_C1_to_C10_D1_to_D12_E_E3_E9_E10_E12_to_E15_F1_to_F13_F16_"
            + "H1_to_H3_I1_to_I17_J1_to_J12_K1_to_K9_L1_to_L9_M1_M2_M4_M6_M7_M10_M13_N1_N4_N5_N7_N8_N10_N12_O_all";

    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([A-Z][0-9]*) \\| [^|]+ \\| ([^|]+) \\|$");
    private static final Pattern SECTION = Pattern.compile("(?m)^## (?:([A-Z])\\. )?.*$");
    private static final Pattern REASON = Pattern.compile("not tested: .{20,}");
    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Za-z0-9]+)#([A-Za-z0-9_]+)`");
    private static final Pattern NAMED_CLASS = Pattern.compile("`([A-Z][A-Za-z0-9]+Test)`");

    /** A method that JUnit runs; all of ours return nothing or a stream. */
    private static final Pattern TEST =
            Pattern.compile("(?s)@(?:Test|TestFactory|ParameterizedTest)\\b.*?(?:void|Stream<\\w+>) (\\w+)\\(");

    /** The IDs that the name of a test begins with: {@code A1_}, {@code J4_J5_}, {@code I1_to_I9_}, {@code E_}. */
    private static final Pattern IDS = Pattern.compile("([A-Z][0-9]*_(to_(?=[A-Z]))?)+(?=[a-z0-9])");

    private final String page = Repository.read(Repository.root().resolve("docs/faults.md"));

    @Test
    void rows_areAllThereOnceInTheirOrder() {
        assertThat(ROW.matcher(page).results().map(row -> row.group(1))).containsExactlyElementsOf(ids(ROWS));
    }

    @Test
    void rows_standInTheSectionOfTheirLetter() {
        List<String> astray = new ArrayList<>();
        List<MatchResult> sections = SECTION.matcher(page).results().toList();
        ROW.matcher(page).results().forEach(row -> {
            MatchResult section = sections.stream()
                    .filter(heading -> heading.start() < row.start())
                    .reduce((one, next) -> next)
                    .orElseThrow();
            if (!row.group(1).startsWith(String.valueOf(section.group(1)))) {
                astray.add(row.group(1) + " stands below \"" + section.group() + "\"");
            }
        });
        assertThat(astray).isEmpty();
    }

    @Test
    void rows_haveTestsOrSayWhyNot() {
        Set<String> tested = new TreeSet<>();
        testsWithIds().values().forEach(tested::addAll);
        List<String> wrong = new ArrayList<>();
        Matcher row = ROW.matcher(page);
        while (row.find()) {
            boolean excused = REASON.matcher(row.group(2)).lookingAt();
            if (!tested.contains(row.group(1)) && !excused) {
                wrong.add("no test begins with " + row.group(1) + "_, and its row says no reason (\"not tested: …\")");
            }
            if (tested.contains(row.group(1)) && excused) {
                wrong.add(row.group(1) + " has a test, though its row says that it has none");
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void testsWithAnId_haveTheirRow() {
        Set<String> rows =
                ROW.matcher(page).results().map(row -> row.group(1)).collect(Collectors.toCollection(TreeSet::new));
        List<String> wrong = new ArrayList<>();
        testsWithIds()
                .forEach((test, ids) -> ids.stream()
                        .filter(id -> !rows.contains(id))
                        .forEach(id -> wrong.add(test + " begins with " + id + ", which is no row of docs/faults.md")));
        assertThat(wrong).isEmpty();
    }

    @Test
    void testsInUpperCase_beginWithIds() {
        assertThat(tests().filter(test -> Character.isUpperCase(methodOf(test).charAt(0)))
                        .filter(test -> !IDS.matcher(methodOf(test)).lookingAt()))
                .as("expected names like A1_subject_result, J4_J5_subject_result or I1_to_I9_subject_result")
                .isEmpty();
    }

    @Test
    void testsOnThePage_exist() {
        Map<String, String> sources = sources();
        List<String> wrong = new ArrayList<>();
        NAMED_TEST.matcher(page).results().forEach(test -> {
            if (!sources.getOrDefault(test.group(1), "").contains(" " + test.group(2) + "(")) {
                wrong.add(test.group() + " does not exist");
            }
        });
        NAMED_CLASS.matcher(page).results().forEach(test -> {
            if (!sources.containsKey(test.group(1))) {
                wrong.add(test.group() + " does not exist");
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void ids_areReadAsTheyAreWritten() {
        assertThat(ids("A1_nobodyListens_network")).containsExactly("A1");
        assertThat(ids("J4_J5_reverseNames_areAnswered")).containsExactly("J4", "J5");
        assertThat(ids("F9_to_F11_F16_toAll")).containsExactly("F9", "F10", "F11", "F16");
        assertThat(ids("E_killed")).containsExactly("E");
        assertThat(ids("save_A1_isNone")).isEmpty();
    }

    /** The tests that begin with IDs, and which. */
    private static Map<String, List<String>> testsWithIds() {
        Map<String, List<String>> found = new TreeMap<>();
        tests().forEach(test -> {
            List<String> ids = ids(methodOf(test));
            if (!ids.isEmpty()) {
                found.put(test, ids);
            }
        });
        return found;
    }

    /** Every test of the project, as {@code Class#method}. */
    private static Stream<String> tests() {
        return sources().entrySet().stream()
                .flatMap(source ->
                        TEST.matcher(source.getValue()).results().map(test -> source.getKey() + "#" + test.group(1)));
    }

    private static String methodOf(String test) {
        return test.substring(test.indexOf('#') + 1);
    }

    private static List<String> ids(String name) {
        List<String> ids = new ArrayList<>();
        Matcher head = IDS.matcher(name);
        boolean toNext = false;
        for (String part : head.lookingAt() ? head.group().split("_") : new String[0]) {
            if (part.equals("to")) {
                toNext = true;
                continue;
            }
            if (toNext) {
                IntStream.range(number(ids.get(ids.size() - 1)) + 1, number(part))
                        .forEach(number -> ids.add(part.substring(0, 1) + number));
            }
            ids.add(part);
            toNext = false;
        }
        return ids;
    }

    private static int number(String id) {
        return Integer.parseInt(id.substring(1));
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
