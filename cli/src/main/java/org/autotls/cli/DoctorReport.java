package org.autotls.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.autotls.doctor.Finding;
import org.autotls.doctor.Finding.Severity;
import picocli.CommandLine.Help.Ansi;

/** Findings for people and for programs. Stateless. */
final class DoctorReport {

    private DoctorReport() {}

    /** Grouped by whose they are: a line for each finding, and below it what to do. */
    static String forPeople(List<Finding> findings, Ansi ansi) {
        List<List<String>> rows = findings.stream().map(DoctorReport::row).toList();
        List<String> lines = Columns.aligned(rows);
        String indent = "  " + " ".repeat(Columns.begin(rows, 2)) + "-> ";
        Map<String, StringBuilder> byAbout = new LinkedHashMap<>();
        for (int i = 0; i < findings.size(); i++) {
            Finding finding = findings.get(i);
            String word = word(finding.severity());
            StringBuilder group = byAbout.computeIfAbsent(finding.about(), about -> new StringBuilder(about + "\n"));
            group.append("  ").append(ansi.string(styled(finding.severity(), word)));
            group.append(lines.get(i).substring(word.length())).append('\n');
            if (!finding.advice().isEmpty()) {
                group.append(indent).append(finding.advice()).append('\n');
            }
        }
        return String.join("", byAbout.values()) + summary(findings) + "\n";
    }

    private static List<String> row(Finding finding) {
        return List.of(word(finding.severity()), finding.check(), finding.found());
    }

    private static String word(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }

    private static String styled(Severity severity, String word) {
        String style = switch (severity) {
            case OK -> "green";
            case WARNING -> "yellow";
            case PROBLEM -> "bold,red";
        };
        return "@|" + style + " " + word + "|@";
    }

    private static String summary(List<Finding> findings) {
        long problems = count(findings, Severity.PROBLEM);
        long warnings = count(findings, Severity.WARNING);
        String more = warnings == 0 ? "" : "; warnings: " + warnings;
        return problems == 0 ? "nothing found that would make issuing fail" + more : "problems: " + problems + more;
    }

    private static long count(List<Finding> findings, Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    /** An array with an object for each finding. */
    static String json(List<Finding> findings) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartArray();
            for (Finding finding : findings) {
                json.writeStartObject();
                json.writeStringField("severity", word(finding.severity()));
                json.writeStringField("check", finding.check());
                json.writeStringField("about", finding.about());
                json.writeStringField("found", finding.found());
                if (!finding.advice().isEmpty()) {
                    json.writeStringField("advice", finding.advice());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }
}
