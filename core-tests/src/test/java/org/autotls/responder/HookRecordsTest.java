package org.autotls.responder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.autotls.Challenge;
import org.autotls.DnsRecords;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;
import org.autotls.testkit.Await;
import org.autotls.testkit.DnsRecordsContract;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs: shell scripts, each written for another ACME client. */
@Tag("rig")
@Timeout(120)
class HookRecordsTest extends DnsRecordsContract {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** A zone of lines "NAME VALUE", changed by a script of lego's convention. */
    private static final String ZONE_FILE = """
            #!/bin/sh
            zone="${0%%/*}/zone"
            exec 9>>"$zone.lock" && flock 9 && touch "$zone"
            case $1 in
                present) grep -qxF -e "$2 $3" "$zone" || echo "$2 $3" >>"$zone" ;;
                cleanup) grep -vxF -e "$2 $3" "$zone" >"$zone.new"; mv "$zone.new" "$zone" ;;
                *) exit 1 ;;
            esac
            """.replace("%%", "%");

    @TempDir
    Path scratch;

    /** One thread writes, and only then any of them runs it: a file that is open for writing cannot be run. */
    private synchronized Path script(String name, String text) {
        try {
            Path file = scratch.resolve(name);
            if (Files.notExists(file)) {
                Files.writeString(file, text);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A script that writes down how it was called. */
    private Path recorder(String name) {
        return script(name, "#!/bin/sh\nprintf '[%s]' \"$@\" >>\"" + scratch.resolve("calls") + "\"\n");
    }

    private String calls() throws IOException {
        return Files.readString(scratch.resolve("calls"));
    }

    @Override
    protected DnsRecords records() {
        return new HookRecords(script("zone.sh", ZONE_FILE), HookConvention.LEGO, LIMIT);
    }

    @Override
    protected String name(String label) {
        return "_acme-challenge." + label + ".example.test";
    }

    @Override
    protected List<String> published(String name) {
        try {
            Path zone = scratch.resolve("zone");
            return Files.notExists(zone)
                    ? List.of()
                    : Files.readAllLines(zone).stream()
                            .filter(line -> line.startsWith(name + ". "))
                            .map(line -> line.substring(name.length() + 2))
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void publishOther(String name, String value) {
        try {
            Files.writeString(scratch.resolve("zone"), name + ". " + value + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TxtRecord record(String name) {
        return new TxtRecord(
                name, "the-value", new Challenge("dns-01", Identifier.of("a.example.test"), "tok-en", "tok-en.print"));
    }

    private void addAndRemove(Path program, HookConvention convention) {
        HookRecords records = new HookRecords(program, convention, LIMIT);
        TxtRecord record = record("_acme-challenge.a.example.test");
        records.remove(record, records.add(record));
    }

    @Test
    void lego_isGivenNameAndValue() throws IOException {
        addAndRemove(recorder("hook"), HookConvention.LEGO);
        assertThat(calls())
                .isEqualTo("[present][_acme-challenge.a.example.test.][the-value]"
                        + "[cleanup][_acme-challenge.a.example.test.][the-value]");
    }

    @Test
    void legoRaw_isGivenDomainTokenAndKeyAuthorization() throws IOException {
        addAndRemove(recorder("hook"), HookConvention.LEGO_RAW);
        assertThat(calls())
                .isEqualTo("[present][--][a.example.test][tok-en][tok-en.print]"
                        + "[cleanup][--][a.example.test][tok-en][tok-en.print]");
    }

    @Test
    void dehydrated_isGivenDomainTokenAndValue() throws IOException {
        addAndRemove(recorder("hook"), HookConvention.DEHYDRATED);
        assertThat(calls())
                .isEqualTo("[deploy_challenge][a.example.test][tok-en][the-value]"
                        + "[clean_challenge][a.example.test][tok-en][the-value]");
    }

    @Test
    void acmeSh_functionsOfTheScriptAreCalled() throws IOException {
        Path calls = scratch.resolve("calls");
        Path script = script("dns_mine.sh", """
                dns_mine_add() { _info "adding $1"; printf '+[%%s][%%s]' "$1" "$2" >>"%s"; }
                dns_mine_rm() { printf -- '-[%%s][%%s]' "$1" "$2" >>"%s"; }
                """.formatted(calls, calls));
        addAndRemove(script, HookConvention.ACME_SH);
        assertThat(calls())
                .isEqualTo("+[_acme-challenge.a.example.test][the-value]-[_acme-challenge.a.example.test][the-value]");
    }

    /** As acme.sh is: sourced without arguments it prints its help, and its functions are there. */
    @Test
    void acmeSh_besideTheScript_isReadFirst() throws IOException {
        script("acme.sh", """
                _initpath() { INIT=done; }
                _special() { printf '[%s][%s]' "$INIT" "$1" >>"$LE_WORKING_DIR/calls"; }
                main() { [ -z "$1" ] && echo help && return; "$@"; }
                main "$@"
                """);
        Path script = script("dns_x.sh", "dns_x_add() { _special \"$2\"; }\ndns_x_rm() { _special \"$2\"; }\n");
        addAndRemove(script, HookConvention.ACME_SH);
        assertThat(calls()).isEqualTo("[done][the-value][done][the-value]");
    }

    @Test
    void acmeSh_scriptOfAnotherName_isRefused() {
        Path script = script("x;reboot.sh", "");
        assertThatThrownBy(() -> addAndRemove(script, HookConvention.ACME_SH)).hasMessageContaining("dns_x.sh");
    }

    /** What DNS or a CA says never reaches a shell's parser. */
    @Test
    void hostileName_isAnArgumentAndNothingElse() throws IOException {
        String name = "$(touch pwned)`id`;x.example";
        new HookRecords(recorder("hook"), HookConvention.LEGO, LIMIT).add(record(name));
        assertThat(calls()).contains("[" + name + ".]");
        Files.delete(scratch.resolve("calls"));
        Path script = script("dns_y.sh", "dns_y_add() { printf '[%s]' \"$1\" >>\"" + scratch + "/calls\"; }\n");
        new HookRecords(script, HookConvention.ACME_SH, LIMIT).add(record(name));
        assertThat(calls()).isEqualTo("[" + name + "]");
    }

    @Test
    void L4_aliasAndAHookThatCannotBeTold_isRefused() {
        HookRecords records = new HookRecords(recorder("hook"), HookConvention.DEHYDRATED, LIMIT);
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> records.add(record("elsewhere.example")));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("elsewhere.example").hasMessageContaining("alias");
    }

    @Test
    void L8_hookThatHangs_isKilledWithWhatItStarted() throws IOException {
        Path hook = script("hook", "#!/bin/sh\necho begun\necho $$ >\"${0%/*}/pid\"\nsleep 600\n");
        Path pidFile = scratch.resolve("pid");
        IssueException failure =
                failure(new HookRecords(hook, HookConvention.LEGO, Duration.ofSeconds(3), (program, limit) -> {
                    Await.until(() -> pidFile.toFile().length() > 0); // then the time is up
                    return false;
                }));
        assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
        assertThat(failure).hasMessageContaining("within 3 s").hasMessageContaining("begun");
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
    }

    @Test
    void L8_hookThatFails_isQuotedEscapedAndCut() {
        Path hook =
                script("hook", "#!/bin/sh\nyes begin | head -c 3000000\nprintf '\\033[31mno\\n such zone'\nexit 3\n");
        IssueException failure = failure(new HookRecords(hook, HookConvention.LEGO, LIMIT));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure.getMessage())
                .contains("ended with 3", "\\u001b[31mno\\u000a such zone")
                .doesNotContain("\n", "\u001b")
                .hasSizeLessThan(4000);
    }

    @Test
    void L8_hookThatLeavesSomethingInTheBackground_isNotWaitedFor() {
        Path hook = script("hook", "#!/bin/sh\nsleep 300 &\necho $! >\"${0%/*}/pid\"\n");
        new HookRecords(hook, HookConvention.LEGO, LIMIT).add(record("_acme-challenge.a.example.test"));
        endByPid();
    }

    private void endByPid() {
        try {
            long pid = Long.parseLong(Files.readString(scratch.resolve("pid")).strip());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void L8_hookThatIsNotThere_isAMatterOfConfiguration() {
        IssueException failure = failure(new HookRecords(scratch.resolve("nothing"), HookConvention.LEGO, LIMIT));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("nothing").hasMessageContaining("executable");
    }

    private static IssueException failure(HookRecords records) {
        return catchThrowableOfType(IssueException.class, () -> records.add(record("_acme-challenge.a.example.test")));
    }
}
