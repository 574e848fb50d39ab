package org.autotls.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.autotls.RenewalPolicy;
import org.autotls.RenewalRecord;
import org.autotls.RenewalWindow;
import org.autotls.Scheduler;
import org.autotls.SubjectStatus;
import org.autotls.store.DirectoryStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code autotls status}: how every certificate stands; asks nobody but the directory. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Show how each certificate of a directory stands.",
            "",
            "Who issued it, how long it lasts, when the CA wants it renewed (ARI, RFC 9773; '-' if it has not said), what"
                    + " happens next and why, and the last error. Reads the directory only: no network, no running server"
                    + " needed.",
            ""
        },
        footer = {"", "Examples:", "  autotls status --certs /srv/certs", "  autotls status --certs /srv/certs --json"})
final class StatusCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--certs", paramLabel = "DIR", required = true, description = "The certificate directory.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print JSON: an array with an object for each certificate.")
    private boolean json;

    @Override
    public Integer call() {
        Instant now = Scheduler.system().instant();
        DirectoryStore store = DirectoryStore.openReadOnly(directory, Scheduler.system());
        List<SubjectStatus> all = SubjectStatus.readAll(store, store.state(), RenewalPolicy.DEFAULT, now);
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? toJson(all) : toTable(all, now));
        out.flush();
        return ExitCode.OK.code();
    }

    /** A table for people. */
    static String toTable(List<SubjectStatus> all, Instant now) {
        if (all.isEmpty()) {
            return "no certificates; 'autotls names add NAME --certs DIR' asks for one\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "ISSUER", "LEFT", "CA'S WINDOW", "NEXT", "WHY", "LAST ERROR"));
        all.forEach(status -> rows.add(row(status, now)));
        return Columns.aligned(rows).stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static List<String> row(SubjectStatus status, Instant now) {
        boolean exists = status.leaf().exists();
        boolean due = !status.nextAction().isAfter(now);
        return List.of(
                status.subject().name(),
                exists ? commonName(status.issuer()) : "-",
                exists ? left(now, status.leaf().notAfter()) : "-",
                status.renewal().window().map(StatusCommand::window).orElse("-"),
                due
                        ? "now"
                        : status.nextAction().truncatedTo(ChronoUnit.SECONDS).toString(),
                why(status),
                hasError(status) ? status.attempts().message() : "-");
    }

    /** An entry that cannot be used has an error, though no try to issue failed. */
    private static boolean hasError(SubjectStatus status) {
        return status.attempts().failures() > 0 || !status.attempts().kind().isEmpty();
    }

    /** To the minute: a window of hours or days needs no more. */
    private static String window(RenewalWindow window) {
        return window.start().truncatedTo(ChronoUnit.MINUTES) + "/"
                + window.end().truncatedTo(ChronoUnit.MINUTES);
    }

    private static String why(SubjectStatus status) {
        String explanation = status.renewal().explanationUrl();
        return status.reason() + (explanation.isEmpty() ? "" : ", see " + explanation);
    }

    /** The part of a distinguished name that people know. */
    private static String commonName(String distinguished) {
        for (String part : distinguished.split(",")) {
            if (part.startsWith("CN=")) {
                return part.substring("CN=".length());
            }
        }
        return distinguished;
    }

    private static String left(Instant now, Instant end) {
        Duration left = Duration.between(now, end);
        if (left.isNegative()) {
            return "expired";
        }
        if (left.toDays() >= 2) {
            return left.toDays() + " days";
        }
        return left.toHours() >= 2 ? left.toHours() + " hours" : left.toMinutes() + " min";
    }

    /** The same for programs; instants in ISO 8601, UTC. Members without a value are left out. */
    static String toJson(List<SubjectStatus> all) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartArray();
            for (SubjectStatus status : all) {
                write(json, status);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private static void write(JsonGenerator json, SubjectStatus status) throws IOException {
        json.writeStartObject();
        json.writeStringField("subject", status.subject().name());
        if (status.leaf().exists()) {
            json.writeStringField("issuer", status.issuer());
            json.writeStringField("notBefore", status.leaf().notBefore().toString());
            json.writeStringField("notAfter", status.leaf().notAfter().toString());
        }
        json.writeStringField("nextAction", status.nextAction().toString());
        json.writeStringField("reason", status.reason().name());
        json.writeBooleanField("panicking", status.panicking());
        if (status.renewal().exists()) {
            write(json, status.renewal());
        }
        if (hasError(status)) {
            json.writeNumberField("failures", status.attempts().failures());
            json.writeStringField("lastError", status.attempts().message());
            json.writeStringField("lastErrorKind", status.attempts().kind());
            json.writeStringField("lastErrorAt", status.attempts().failedAt().toString());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, RenewalRecord renewal) throws IOException {
        json.writeObjectFieldStart("renewal");
        json.writeStringField("certificateId", renewal.certificateId());
        if (renewal.window().isPresent()) {
            json.writeStringField("start", renewal.window().get().start().toString());
            json.writeStringField("end", renewal.window().get().end().toString());
            json.writeStringField("selected", renewal.selected().toString());
        }
        if (!renewal.explanationUrl().isEmpty()) {
            json.writeStringField("explanationURL", renewal.explanationUrl());
        }
        json.writeStringField("askedAgainAt", renewal.askAt().toString());
        json.writeNumberField("unanswered", renewal.failures());
        json.writeEndObject();
    }
}
