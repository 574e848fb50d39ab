package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import org.autotls.DomainNames;
import org.autotls.OrderBudget;
import org.autotls.OrderLimits;
import org.autotls.RateLimit;
import org.autotls.Scheduler;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.FakeCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(run("names", "add", "Bücher.example", "*.例え.example")).isZero();
        assertThat(dir.resolve("xn--bcher-kva.example.pem")).isEmptyFile();
        assertThat(dir.resolve("*.xn--r8jz45g.example.pem")).isEmptyFile();
        assertThat(run("names", "add", "a\u200bb..example")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://x.example/", "x.example:443", "[::1]", "[::1]:443"})
    void names_partOfAUrl_saysWhatIsExpected(String text) {
        assertThat(run("names", "add", text)).isEqualTo(2);
        assertThat(cli.err())
                .startsWith("autotls: '" + text + "' is no name: expected one such as www.example.com, or");
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
    void status_nameBelowADomainThatIsUsedUp_saysWhyAndUntilWhen() {
        OrderLimits limits = new OrderLimits(
                RateLimit.parse("300/3h"), RateLimit.parse("2/2h"), RateLimit.NONE); // one of two is kept back
        OrderBudget budget = OrderBudget.stored(
                DirectoryStore.open(dir, Scheduler.system()).state(),
                "https://ca.example/directory",
                limits,
                DomainNames.installed(),
                Runnable::run);
        budget.take("https://ca.example/account/1", Subject.of("a.crowd.co.uk"))
                .toCompletableFuture()
                .join();
        run("names", "add", "b.crowd.co.uk", "b.other.co.uk");

        assertThat(run("status")).isZero();

        assertThat(cli.out())
                .containsPattern(
                        "b.crowd.co.uk .* 20[^ ]*Z +waiting: the CA allows no more certificates for these names yet")
                .containsPattern("b.other.co.uk .* now +no certificate yet");
    }

    @Test
    void status_json_hasAnObjectForEachName() {
        run("names", "add", "a.example");

        assertThat(run("status", "--json")).isZero();

        assertThat(cli.out())
                .contains("\"subject\" : \"a.example\"", "\"reason\" : \"MISSING\"", "\"panicking\" : true")
                .doesNotContain("notAfter", "lastError");
    }

    /** It said "valid", or "no certificate yet" without a word of why. */
    @Test
    void status_entryThatCannotBeUsed_saysWhy() throws IOException {
        assertThat(run("issue", "a.example", "--local")).isZero();
        Files.copy(dir.resolve("a.example.pem"), dir.resolve("other.example.pem"));
        Files.writeString(dir.resolve("garbage.example.pem"), "garbage");

        assertThat(run("status")).isZero();
        assertThat(cli.out())
                .containsPattern("a.example +autotls local .* valid +-")
                .containsPattern("garbage.example +- .* no certificate yet +[^ -].*garbage.example.pem cannot be used")
                .containsPattern("other.example +- .* no certificate yet +the leaf is for .*a.example.* is for other");

        Cli json = new Cli();
        assertThat(json.run("status", "--json", "--certs", dir.toString())).isZero();
        assertThat(json.out())
                .contains("\"lastErrorKind\" : \"STORE\"", "cannot be used: ", "\"lastError\" : \"the leaf is for ");
    }

    @Test
    void status_ofAnEmptyDirectory_saysWhatToDo() {
        assertThat(run("status")).isZero();
        assertThat(cli.out()).contains("autotls names add");
        assertThat(dir.resolve("client.key")).doesNotExist();
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
    void renew_local_onlyWhatIsDueOrForced() throws IOException {
        assertThat(run("issue", "localhost", "--local")).isZero();
        assertThat(run("names", "add", "waiting.example")).isZero();
        String first = Files.readString(dir.resolve("localhost.pem"));

        assertThat(run("renew", "localhost", "--local")).isZero();
        assertThat(cli.out()).contains("nothing is due");
        assertThat(Files.readString(dir.resolve("localhost.pem"))).isEqualTo(first);

        assertThat(run("renew", "--local")).isZero();
        assertThat(cli.out()).contains("issued waiting.example");
        assertThat(Files.readString(dir.resolve("localhost.pem"))).isEqualTo(first);

        assertThat(run("renew", "--force", "localhost", "--local")).isZero();
        assertThat(Files.readString(dir.resolve("localhost.pem"))).isNotEqualTo(first);

        assertThat(run("renew", "nobody.example", "--local")).isEqualTo(3);
        assertThat(cli.err()).contains("no entry for nobody.example");
    }

    @Test
    void renew_nothingDue_asksTheCaAndOpensNoPort(@TempDir Path elsewhere) throws Exception {
        try (FakeCa ca = FakeCa.start();
                ServerSocket taken = new ServerSocket(0)) {
            ca.settings().renewalInfo(true);
            String pem = Base64.getMimeEncoder().encodeToString(ca.root().getEncoded());
            Path root = Files.writeString(
                    elsewhere.resolve("root.pem"),
                    "-----BEGIN CERTIFICATE-----\n" + pem + "\n-----END CERTIFICATE-----\n");
            String[] options = {"--acme", ca.directory().toString(), "--acme-root", root.toString(), "--http-port"};
            assertThat(run(with(options, "0", "issue", "a.example"))).isZero();
            long asked = ca.count(FakeCa.Kind.RENEWAL_INFO);

            assertThat(run(with(options, String.valueOf(taken.getLocalPort()), "renew")))
                    .isZero();

            assertThat(cli.out()).contains("nothing is due");
            assertThat(ca.count(FakeCa.Kind.RENEWAL_INFO)).isGreaterThan(asked);
            assertThat(run(with(options, String.valueOf(taken.getLocalPort()), "renew", "--force", "a.example")))
                    .as("the port is needed, and taken")
                    .isNotZero();
        }
    }

    private static String[] with(String[] options, String port, String... command) {
        return Stream.of(Stream.of(command), Stream.of(options), Stream.of(port))
                .flatMap(part -> part)
                .toArray(String[]::new);
    }

    @Test
    void I17_twoKeyTypes_bothAreIssuedShownRenewedAndRemoved() throws IOException {
        assertThat(run("issue", "a.example", "--local", "--key-type", "ec-p256,rsa-2048"))
                .isZero();
        assertThat(cli.out()).contains("issued a.example, valid", "issued a.example:rsa, valid");
        String first = Files.readString(dir.resolve("a.example.pem.rsa"));
        assertThat(first).isNotEqualTo(Files.readString(dir.resolve("a.example.pem")));
        assertThat(run("status")).isZero();
        assertThat(cli.out())
                .containsPattern("a.example +autotls local")
                .containsPattern("a.example:rsa +autotls local");

        assertThat(run("renew", "--force", "a.example", "--local")).isZero();
        assertThat(Files.readString(dir.resolve("a.example.pem.rsa"))).isNotEqualTo(first);

        assertThat(run("names", "remove", "a.example")).isZero();
        assertThat(cli.out()).contains("removed a.example:rsa", "removed a.example\n");
        assertThat(dir.resolve("a.example.pem.rsa")).doesNotExist();
    }

    @Test
    void I17_secondCertificate_isAddedAndRemovedByItsName() {
        assertThat(run("names", "add", "b\u00fccher.example", "B\u00fccher.example:RSA"))
                .isZero();
        assertThat(dir.resolve("xn--bcher-kva.example.pem.rsa")).isEmptyFile();
        assertThat(run("names", "add", "c.example:rsa")).isEqualTo(2);
        assertThat(cli.err()).contains("an entry for c.example");
        assertThat(run("issue", "c.example:rsa", "--local")).isEqualTo(2);
        assertThat(run("names", "remove", "b\u00fccher.example:rsa")).isZero();
        assertThat(dir.resolve("xn--bcher-kva.example.pem")).isEmptyFile();
        assertThat(dir.resolve("xn--bcher-kva.example.pem.rsa")).doesNotExist();
        for (String types : new String[] {"rsa-2048,rsa-4096", "ec-p256,rsa-2048,ec-p384", "ec-p256,dsa"}) {
            assertThat(run("issue", "d.example", "--local", "--key-type", types))
                    .as(types)
                    .isEqualTo(2);
        }
    }

    @Test
    void accountAndRevoke_withoutKeyOrCertificate_sayWhatIsMissing() {
        assertThat(run("account", "show")).isEqualTo(3);
        assertThat(cli.err()).contains("no account key");
        assertThat(run("revoke", "a.example")).isEqualTo(3);
        assertThat(cli.err()).contains("no certificate for a.example");
        assertThat(dir.resolve("client.key")).doesNotExist();
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
