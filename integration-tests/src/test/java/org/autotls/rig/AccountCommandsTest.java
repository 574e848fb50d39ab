package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code account}, {@code revoke} and {@code renew} against Pebble. */
@Tag("rig")
class AccountCommandsTest {

    @TempDir
    private Path scratch = Path.of("");

    private CertificateDirectory certs = CertificateDirectory.at(scratch);

    @BeforeEach
    void makeDirectory() {
        certs = CertificateDirectory.asking(scratch.resolve("certs"));
    }

    static List<PebbleBinary> binaries() {
        return PebbleBinary.all();
    }

    private ChildProcess start(PebbleCa ca, String command, String... more) {
        List<String> all = new ArrayList<>(List.of(command.split(" ")));
        all.addAll(List.of("--certs", certs.path().toString()));
        all.addAll(List.of(
                "--acme", ca.acme().toString(), "--acme-root", ca.httpsRoot().toString()));
        all.addAll(List.of(more));
        return Autotls.start(scratch, all.toArray(String[]::new));
    }

    private String run(int expected, PebbleCa ca, String command, String... more) {
        try (ChildProcess process = start(ca, command, more)) {
            int code = process.exit(Await.HANG_LIMIT);
            assertThat(code).as("%s: %s", command, process.output()).isEqualTo(expected);
            return process.output();
        }
    }

    private String order(int expected, PebbleCa ca, String command) {
        return run(expected, ca, command, "--http-port", Integer.toString(ca.httpPort()), "--agree-tos");
    }

    private static String member(String shown, String name) {
        return shown.lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + shown));
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void rollover_thenOrders_areTheSameAccounts(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            order(0, ca, "issue a.example");
            String before = run(0, ca, "account show");

            String changed = run(0, ca, "account rollover");

            assertThat(member(changed, "account")).isEqualTo(member(before, "account"));
            assertThat(member(changed, "key")).isNotEqualTo(member(before, "key"));
            order(0, ca, "issue b.example");
            assertThat(run(0, ca, "account show")).contains(member(changed, "account"), member(changed, "key"));

            assertThat(member(run(0, ca, "account deactivate"), "status")).isEqualTo("deactivated");
            order(5, ca, "issue c.example");
            run(0, ca, "revoke b.example");
            assertThat(ca.statusOf(certs.leaf("b.example"))).contains("Revoked");
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void rollover_besideAServer_theServerLoadsTheNewKey(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"));
                ChildProcess running =
                        start(ca, "run", "--http-port", Integer.toString(ca.httpPort()), "--agree-tos")) {
            CertificateDirectory.asking(certs.path(), "a.example");
            certs.awaitIssued(running, "a.example");
            run(0, ca, "account rollover");
            CertificateDirectory.asking(certs.path(), "b.example");
            certs.awaitIssued(running, "b.example");
            assertThat(running.output()).contains("has another key by now");
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void N5_revoke_keyCompromise_emptiesTheEntryAndRenewMakesANewKey(PebbleBinary binary) throws Exception {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            order(0, ca, "issue a.example b.example");
            X509Certificate a = certs.leaf("a.example");
            X509Certificate b = certs.leaf("b.example");

            run(0, ca, "revoke a.example --reason keyCompromise");

            assertThat(ca.statusOf(a)).contains("Revoked");
            assertThat(ca.statusOf(b)).contains("Valid");
            assertThat(certs.entry("a.example")).isEmptyFile();
            assertThat(order(0, ca, "renew")).contains("issued a.example").doesNotContain("issued b.example");
            assertThat(certs.leaf("a.example").getPublicKey()).isNotEqualTo(a.getPublicKey());
            order(0, ca, "renew --force b.example");
            assertThat(certs.leaf("b.example").getSerialNumber()).isNotEqualTo(b.getSerialNumber());

            Files.move(certs.path().resolve("client.key"), scratch.resolve("lost.key"));
            order(0, ca, "issue c.example"); // another account, which has not ordered b.example
            assertThat(run(0, ca, "revoke b.example --reason superseded")).contains("revoked b.example");
            assertThat(ca.statusOf(certs.leaf("b.example"))).contains("Revoked");
            assertThat(run(0, ca, "revoke b.example")).contains("was revoked before");
        }
    }
}
