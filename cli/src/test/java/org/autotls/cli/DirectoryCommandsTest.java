package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code names}, {@code issue}, {@code status}: the commands that work on a directory and end. */
class DirectoryCommandsTest {

    @TempDir
    private Path dir = Path.of("");

    private final Cli cli = new Cli();

    private int run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--certs";
        all[args.length + 1] = dir.toString();
        return cli.run(all);
    }

    @Test
    void names_addAndRemove_makeAndDeleteEmptyEntries() throws IOException {
        assertThat(run("names", "add", "A.example", "c.example,b.example", "*.d.example", "2001:db8::1"))
                .isZero();
        assertThat(run("names", "add", "a.example")).isZero();

        assertThat(cli.out()).contains("added a.example", "added b.example,c.example", "a.example was there already");
        assertThat(dir.resolve("a.example.pem")).isEmptyFile();
        assertThat(dir.resolve("b.example,c.example.pem")).isEmptyFile();
        assertThat(dir.resolve("*.d.example.pem")).isEmptyFile();

        assertThat(run("names", "remove", "a.example", "nobody.example")).isZero();
        assertThat(cli.out()).contains("removed a.example", "nobody.example was not there");
        assertThat(dir.resolve("a.example.pem")).doesNotExist();
    }

    @Test
    void names_withLettersOutsideAscii_areConvertedByUts46() {
        assertThat(DomainNames.subject("Bücher.example").name()).isEqualTo("xn--bcher-kva.example");
        assertThat(DomainNames.subject("straße.example").name()).isEqualTo("xn--strae-oqa.example");
        assertThat(DomainNames.subject("strasse.example").name()).isEqualTo("strasse.example");
        assertThat(DomainNames.subject("*.例え.example").name()).isEqualTo("*.xn--r8jz45g.example");
        assertThat(run("names", "add", "a\u200bb..example")).isEqualTo(2);
    }

    @Test
    void issue_local_storesAndStatusShowsIt() throws IOException {
        assertThat(run("names", "add", "waiting.example")).isZero();

        assertThat(run("issue", "localhost", "127.0.0.1", "--local")).isZero();

        assertThat(Files.readString(dir.resolve("localhost.pem"))).contains("BEGIN PRIVATE KEY", "BEGIN CERTIFICATE");
        assertThat(cli.out()).contains("issued localhost, valid until 2", "issued 127.0.0.1, valid until 2");
        assertThat(dir.resolve("waiting.example.pem"))
                .as("nobody asked for it now")
                .isEmptyFile();
        assertThat(run("status")).isZero();
        assertThat(cli.out())
                .contains("NAME", "LEFT")
                .containsPattern("localhost +autotls local [^ ]+ .*6 days .*valid");
    }

    @Test
    void status_json_hasAnObjectForEachName() {
        run("names", "add", "a.example");

        assertThat(run("status", "--json")).isZero();

        assertThat(cli.out())
                .contains("\"subject\" : \"a.example\"", "\"reason\" : \"MISSING\"", "\"panicking\" : true")
                .doesNotContain("notAfter", "lastError");
    }

    @Test
    void status_ofAnEmptyDirectory_saysWhatToDo() {
        assertThat(run("status")).isZero();
        assertThat(cli.out()).contains("autotls names add");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void issue_failed_isSeenInStatus() {
        assertThat(run("issue", "a.example", "--acme", "https://127.0.0.1:1/dir", "--http-port", "0", "--agree-tos"))
                .isEqualTo(5);
        run("names", "add", "a.example");

        run("status", "--json");

        assertThat(cli.out()).contains("\"failures\" : 1", "\"lastErrorKind\" : \"NETWORK\"");
    }

    @Test
    void progress_isForTerminalsWithSeveralNames() {
        Cli terminal = new Cli(true, true);

        assertThat(terminal.run("issue", "a.example", "b.example", "--local", "--certs", dir.toString()))
                .isZero();

        assertThat(terminal.err()).contains("0 of 2 issued", "2 of 2 issued").endsWith(Progress.ERASE);
        assertThat(run("issue", "c.example", "d.example", "--local")).isZero();
        assertThat(cli.err()).doesNotContain("of 2 issued");
    }

    @Test
    void progress_andResults_doNotRunIntoOneLine() {
        StringWriter screen = new StringWriter();
        PrintWriter both = new PrintWriter(screen, true);
        try (Progress progress = new Progress(new Terminal(both, both, true, true, true), 2)) {
            progress.succeeded("issued a.example");
            progress.failed();
        }

        assertThat(Stream.of(screen.toString().split("\n", -1)).map(DirectoryCommandsTest::afterErasing))
                .containsExactly("issued a.example", "");
        assertThat(screen.toString()).contains("1 of 2 issued, 1 failed");
    }

    private static String afterErasing(String line) {
        return line.substring(line.lastIndexOf(Progress.ERASE) + Progress.ERASE.length());
    }
}
