package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** I17 with the command, a CA and OpenSSL's client: one name, an ECDSA and an RSA certificate, each client served what it can use. */
@Tag("rig")
class TwoCertificatesTest {

    private static final String RSA_SIGNATURES = "RSA-PSS+SHA256:RSA+SHA256";
    private static final String ECDSA_SIGNATURES = "ECDSA+SHA256";

    @TempDir
    private Path scratch = Path.of("");

    private CertificateDirectory certs = CertificateDirectory.at(scratch);

    static List<PebbleBinary> binaries() {
        return PebbleBinary.all();
    }

    @BeforeEach
    void makeDirectories() throws IOException {
        certs = CertificateDirectory.asking(scratch.resolve("certs"), "a.example", "c.example,d.example");
        Files.writeString(Files.createDirectories(scratch.resolve("site")).resolve("index.html"), "it works\n");
    }

    private Path alternate(String name) {
        return certs.path().resolve(name + ".pem.rsa");
    }

    private boolean isIssued(Path entry) {
        return Files.exists(entry) && Repository.read(entry).contains("-----BEGIN CERTIFICATE-----");
    }

    private void awaitBoth(ChildProcess web, String name) {
        certs.awaitIssued(web, name);
        Await.until(Await.HANG_LIMIT, () -> isIssued(alternate(name)), web::output);
    }

    private ChildProcess web(AcmeCa ca, int port, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("web", "--port", Autotls.endpoint(ca, certs.path(), port), "--path", "site", "--agree-tos"));
        arguments.addAll(List.of("--acme-root", ca.httpsRoot().toString()));
        arguments.addAll(List.of(more));
        return Autotls.start(scratch, arguments.toArray(String[]::new));
    }

    private static void assertServed(PebbleCa ca, String name, X509Certificate leaf, String... client) {
        String serial = leaf.getSerialNumber().toString(16);
        Await.until(
                Await.HANG_LIMIT,
                () -> OpensslClient.serial(ca.tlsPort(), name, ca.issuerRoot(), client)
                        .equals(Optional.of(serial)),
                () -> name + " is not served with " + serial + " to " + List.of(client));
        assertThat(OpensslClient.connect(ca.tlsPort(), name, ca.issuerRoot(), client)
                        .verified())
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void I17_web_servesEachClientTheCertificateItCanUse(PebbleBinary binary) throws IOException {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"));
                CaProxy proxy = CaProxy.oneAtATime(ca, scratch);
                ChildProcess web = web(proxy, ca.tlsPort(), "--key-type", "ec-p256,rsa-2048")) {
            for (String entry : List.of("a.example", "c.example,d.example")) {
                awaitBoth(web, entry);
                X509Certificate ecdsa = certs.leaf(entry);
                X509Certificate rsa = Certificates.parse(Repository.read(alternate(entry)));
                assertThat(ecdsa.getPublicKey().getAlgorithm()).isEqualTo("EC");
                assertThat(rsa.getPublicKey()).isInstanceOf(RSAPublicKey.class);
                assertThat(OpenSsl.matchingPair(alternate(entry))).contains("DNS:" + entry.substring(0, 9));
                for (String name : entry.split(",", -1)) {
                    assertServed(ca, name, ecdsa);
                    for (String version : List.of("-tls1_2", "-tls1_3")) {
                        assertServed(ca, name, ecdsa, version);
                        assertServed(ca, name, ecdsa, version, "-sigalgs", ECDSA_SIGNATURES);
                        assertServed(ca, name, rsa, version, "-sigalgs", RSA_SIGNATURES);
                    }
                    assertServed(ca, name, rsa, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256");
                    assertServed(ca, name, ecdsa, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256");
                }
            }
            checkStatusAndRemoval(ca, web);
        }
    }

    private void checkStatusAndRemoval(PebbleCa ca, ChildProcess web) throws IOException {
        assertThat(command("status")).containsPattern("a\\.example +Pebble").containsPattern("a\\.example:rsa +Pebble");
        X509Certificate rsa = Certificates.parse(Repository.read(alternate("c.example,d.example")));
        Files.writeString(alternate("c.example,d.example"), "not a certificate\n");
        Await.until(
                Await.HANG_LIMIT,
                () -> isIssued(alternate("c.example,d.example"))
                        && !Certificates.parse(Repository.read(alternate("c.example,d.example")))
                                .equals(rsa),
                web::output);
        assertServed(ca, "c.example", certs.leaf("c.example,d.example"));
        assertThat(command("names", "remove", "a.example:rsa")).contains("removed a.example:rsa");
        Await.until(
                Await.HANG_LIMIT,
                () -> OpensslClient.connect(ca.tlsPort(), "a.example", ca.issuerRoot(), "-sigalgs", RSA_SIGNATURES)
                        .alert()
                        .isPresent(),
                web::output);
        assertServed(ca, "a.example", certs.leaf("a.example"), "-sigalgs", ECDSA_SIGNATURES);
        assertThat(command("names", "remove", "c.example,d.example"))
                .contains("removed c.example,d.example:rsa")
                .endsWith("removed c.example,d.example");
        assertThat(web.terminate()).isZero();
    }

    private String command(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--certs", "certs"));
        try (ChildProcess command = Autotls.start(scratch, all.toArray(String[]::new))) {
            int code = command.exit(Await.HANG_LIMIT);
            assertThat(code).as(command.output()).isZero();
            return command.output();
        }
    }

    @Test
    void I17_issueAndRevoke_sayWhichOfTheTwo() {
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"))) {
            List<String> account = List.of(
                    "--acme",
                    ca.acme().toString(),
                    "--acme-root",
                    ca.httpsRoot().toString());
            List<String> issue = new ArrayList<>(List.of("issue", "a.example", "--agree-tos"));
            issue.addAll(List.of("--key-type", "rsa-2048,ec-p384", "--http-port", Integer.toString(ca.httpPort())));
            issue.addAll(account);
            assertThat(command(issue.toArray(String[]::new)))
                    .contains("issued a.example, valid", "issued a.example:ecdsa, valid");
            List<String> revoke = new ArrayList<>(List.of("revoke", "a.example"));
            revoke.addAll(account);
            assertThat(command(revoke.toArray(String[]::new)))
                    .containsPattern("revoked a\\.example, serial")
                    .containsPattern("revoked a\\.example:ecdsa, serial");
            revoke.set(1, "a.example:ecdsa");
            assertThat(command(revoke.toArray(String[]::new)))
                    .contains("was revoked before: a.example:ecdsa")
                    .doesNotContain("a.example, serial");
        }
    }
}
