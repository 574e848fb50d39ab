package org.autotls.doctor;

import java.util.List;
import java.util.stream.Stream;
import org.autotls.doctor.Finding.Severity;

/** What a problem at one of several CAs means. Stateless. */
final class Fallbacks {

    private Fallbacks() {}

    /** If one CA would issue, problems at the others are warnings: the next one is asked. */
    static List<Finding> judge(List<List<Finding>> byIssuer) {
        boolean oneIssues =
                byIssuer.stream().anyMatch(findings -> findings.stream().noneMatch(Fallbacks::isProblem));
        Stream<Finding> all = byIssuer.stream().flatMap(List::stream);
        return oneIssues
                ? all.map(finding -> isProblem(finding) ? lowered(finding) : finding)
                        .toList()
                : all.toList();
    }

    private static boolean isProblem(Finding finding) {
        return finding.severity() == Severity.PROBLEM;
    }

    private static Finding lowered(Finding finding) {
        return Finding.warning(
                finding.check(), finding.about(), finding.found(), finding.advice() + " (another CA would be asked)");
    }
}
