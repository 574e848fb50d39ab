package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a CA that is not Pebble. What it does not offer must be refused in words that say so. */
@Tag("rig")
class CaddyCaTest {

    private static CaddyCa ca;

    @TempDir
    private Path scratch = Path.of("");

    private CertificateDirectory certs = CertificateDirectory.at(scratch);

    @BeforeAll
    static void startCa(@TempDir Path directory) {
        ca = CaddyCa.start(directory);
    }

    @AfterAll
    static void stopCa() {
        ca.close();
    }

    @BeforeEach
    void makeDirectory() {
        certs = CertificateDirectory.asking(scratch.resolve("certs"));
    }

    private String run(int expected, String command, String... more) {
        try (ChildProcess process = ca.autotls(command, certs.path(), more)) {
            int code = process.exit(Await.HANG_LIMIT);
            assertThat(code).as("%s: %s", command, process.output()).isEqualTo(expected);
            return process.output();
        }
    }

    private String byHttp(int expected, String command, String... more) {
        return run(expected, command + " --http-port 80 --agree-tos", more);
    }

    @Test
    void issue_byEachChallenge() throws Exception {
        byHttp(0, "issue a.example.test");
        run(0, "issue b.example.test --port tcp:443 --agree-tos");
        run(0, "issue *.example.test,example.test --agree-tos", "--challenge", ca.byUpdates());

        OpenSsl.matchingPair(certs.entry("a.example.test"));
        OpenSsl.matchingPair(certs.entry("b.example.test"));
        assertThat(OpenSsl.matchingPair(certs.entry("*.example.test,example.test")))
                .contains("DNS:*.example.test", "DNS:example.test");
        assertThat(ca.bind().txt("_acme-challenge.example.test")).isEmpty();
        assertThat(run(0, "account show")).containsPattern("status +valid");
    }

    /** There is no renewal information, so no order names what it replaces (RFC 9773 §5). */
    @Test
    void renew_isAnotherCertificateOfTheSameAccount() {
        assertThat(ca.directoryDocument()).contains("newOrder").doesNotContain("renewalInfo");
        String first = byHttp(0, "issue a.example.test");
        X509Certificate before = certs.leaf("a.example.test");
        assertThat(byHttp(0, "renew a.example.test")).doesNotContain("issued a.example.test"); // not due

        String second = byHttp(0, "renew --force a.example.test");

        assertThat(certs.leaf("a.example.test").getSerialNumber()).isNotEqualTo(before.getSerialNumber());
        assertThat(first).contains("Registered account");
        assertThat(second).doesNotContain("Registered account");
    }

    @Test
    void revoke_byTheAccountAndByTheKey() throws Exception {
        byHttp(0, "issue a.example.test");
        byHttp(0, "issue b.example.test");
        assertThat(run(0, "revoke a.example.test --reason superseded")).contains("revoked a.example.test");
        assertThat(run(0, "revoke a.example.test")).contains("was revoked before");
        run(0, "account deactivate");
        assertThat(run(0, "revoke b.example.test")).contains("revoked b.example.test");
        assertThat(byHttp(5, "issue c.example.test")).contains("answered 401, unauthorized");
    }

    /** RFC 8555 §7.3.5 is not there: it answers 501. The account goes on with the key that it has. */
    @Test
    void rollover_isNotOffered_saysSoAndChangesNothing() {
        byHttp(0, "issue a.example.test");
        List<String> before = shown();

        assertThat(run(5, "account rollover")).contains("this CA does not change account keys", "501");

        assertThat(shown()).isEqualTo(before);
        assertThat(certs.files()).noneMatch(file -> file.endsWith(".next"));
    }

    /** The account, without what is logged beside it. */
    private List<String> shown() {
        return run(0, "account show")
                .lines()
                .filter(line -> !line.contains(" INFO "))
                .toList();
    }

    /** There are no profiles; addresses are certified. */
    @Test
    void profile_isNotOffered_isDoneWithoutOrRefused() throws Exception {
        assertThat(byHttp(0, "issue 127.0.0.1")).contains("issued 127.0.0.1");
        assertThat(OpenSsl.matchingPair(certs.entry("127.0.0.1"))).contains("IP Address:127.0.0.1");
        assertThat(byHttp(0, "issue a.example.test --profile shortlived"))
                .contains("offers no profile 'shortlived'; it has none");
        assertThat(byHttp(5, "issue b.example.test --required-profile shortlived"))
                .contains("offers no profile 'shortlived'; it has none");
    }
}
