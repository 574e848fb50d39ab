package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.autotls.doctor.Finding;
import org.autotls.doctor.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Help.Ansi;

/** {@code doctor}: what it prints and returns; what it finds is tested against a real CA. */
class DoctorCommandTest {

    private static final List<Finding> FINDINGS = List.of(
            new Finding(Severity.OK, "clock", "https://ca.example/dir", "within 30 s", ""),
            new Finding(Severity.WARNING, "port", "this machine", "taken", "stop it"),
            new Finding(Severity.PROBLEM, "address", "a.example", "none", "add one \u001b[31m"));

    @TempDir
    private Path dir = Path.of("");

    private final Cli cli = new Cli();

    @Test
    void report_isGroupedAndSaysWhatToDo() {
        assertThat(DoctorReport.forPeople(FINDINGS, Ansi.OFF)).isEqualTo("""
                https://ca.example/dir
                  ok       clock    within 30 s
                this machine
                  warning  port     taken
                                    -> stop it
                a.example
                  problem  address  none
                                    -> add one \\u001b[31m
                problems: 1; warnings: 1
                """);
        assertThat(DoctorReport.forPeople(FINDINGS.subList(0, 1), Ansi.OFF))
                .endsWith("nothing found that would make issuing fail\n");
    }

    @Test
    void report_coloursTheWordOnly() {
        assertThat(DoctorReport.forPeople(FINDINGS, Ansi.ON))
                .contains("\u001b[32mok\u001b[39m\u001b[0m       clock")
                .contains("problem\u001b[");
    }

    @Test
    void report_json_hasAnObjectForEachFinding() {
        assertThat(DoctorReport.json(FINDINGS))
                .contains("\"severity\" : \"problem\"", "\"check\" : \"address\"", "\"about\" : \"a.example\"")
                .contains("\"found\" : \"none\"", "\"advice\" : \"stop it\"");
    }

    @Test
    void local_asksNobodyAndExitsWith0Or6() {
        assertThat(cli.run("doctor", "localhost", "--certs", dir.toString(), "--local"))
                .isZero();
        assertThat(cli.out()).contains("ok  store", "nothing found that would make issuing fail");
        assertThat(cli.run("doctor", "--certs", dir.resolve("file").toString())).isEqualTo(6);
        assertThat(cli.out()).contains("does not exist; make it");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void withoutNames_looksAtAllEntries() {
        assertThat(cli.run("names", "add", "a.example", "b.example", "--certs", dir.toString()))
                .isZero();
        assertThat(cli.run("doctor", "--certs", dir.toString(), "--local", "--json"))
                .isZero();
        assertThat(cli.out()).contains("\"about\" : \"a.example\"", "\"about\" : \"b.example\"");
    }

    @Test
    void dns_thatIsNoServer_isRefused() {
        assertThat(cli.run("doctor", "a.example", "--certs", dir.toString(), "--dns", "a:b:c d"))
                .isEqualTo(2);
        assertThat(cli.err()).contains("--dns", "expected HOST or HOST:PORT");
    }

    @Test
    void port_thatNamesADirectory_isAWrongOptionAndNoFinding() {
        assertThat(cli.run("doctor", "a.example", "--certs", dir.toString(), "--port", "le:" + dir + ":tcp:443"))
                .isEqualTo(2);
        assertThat(cli.err()).contains("expected an address such as tcp:443");
    }

    @Test
    void caPort_outOfRange_isRefused() {
        assertThat(cli.run("doctor", "a.example", "--certs", dir.toString(), "--ca-tls-port", "70000"))
                .isEqualTo(2);
    }
}
