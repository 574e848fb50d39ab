package org.autotls.cli;

import java.util.List;
import java.util.stream.Stream;
import org.autotls.Text;

/** The values of an option that takes several, by commas or given again. Stateless. */
final class CommaList {

    private CommaList() {}

    /**
     * Takes the values apart. Picocli would leave out an empty one at the end.
     *
     * @param option the name of the option
     * @param given what was given, each time
     * @param expected what a list looks like
     * @return the values, none of them empty
     * @throws CommandFailure with exit code {@link ExitCode#USAGE} if one is empty
     */
    static List<String> of(String option, List<String> given, String expected) {
        List<String> values = given.stream()
                .flatMap(text -> Stream.of(text.split(",", -1)))
                .map(String::strip)
                .toList();
        if (values.contains("")) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    option + " '" + Text.escape(String.join(",", given)) + "': expected " + expected
                            + ", none of them empty");
        }
        return values;
    }
}
