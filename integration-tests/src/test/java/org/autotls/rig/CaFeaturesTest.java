package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What CAs have beyond the plain order, by the command against Pebble. */
@Tag("rig")
class CaFeaturesTest {

    private static final String MAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

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

    private int issue(PebbleCa ca, StringBuilder said, String... arguments) {
        return issue(Autotls.environment(), ca, said, arguments);
    }

    private int issue(Map<String, String> environment, PebbleCa ca, StringBuilder said, String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("issue", "--certs", certs.path().toString(), "--agree-tos"));
        all.addAll(List.of(
                "--acme", ca.acme().toString(), "--acme-root", ca.httpsRoot().toString()));
        all.addAll(List.of(arguments));
        try (ChildProcess issue = Autotls.start(scratch, environment, all.toArray(String[]::new))) {
            int code = issue.exit(Await.HANG_LIMIT);
            said.append(issue.output());
            return code;
        }
    }

    private void issueByHttp(PebbleCa ca, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--http-port", Integer.toString(ca.httpPort())));
        all.addAll(List.of(arguments));
        StringBuilder said = new StringBuilder();
        assertThat(issue(ca, said, all.toArray(String[]::new))).as("%s", said).isZero();
    }

    private void issueByTls(PebbleCa ca, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--port", "tcp:" + ca.tlsPort() + ":interface=127.0.0.1"));
        all.addAll(List.of(arguments));
        StringBuilder said = new StringBuilder();
        assertThat(issue(ca, said, all.toArray(String[]::new))).as("%s", said).isZero();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void eab_required_issuesWithItAndSaysSoWithout(PebbleBinary binary) throws IOException {
        Path keyFile = Files.writeString(scratch.resolve("mac.key"), MAC_KEY + "\n");
        try (PebbleCa ca = PebbleCa.on(binary).externalAccount("kid-1", MAC_KEY).start(scratch.resolve("ca"))) {
            StringBuilder said = new StringBuilder();
            String port = Integer.toString(ca.httpPort());
            assertThat(issue(ca, said, "a.example", "--http-port", port))
                    .as("%s", said)
                    .isEqualTo(5);
            assertThat(said).contains("--eab-kid");
            issueByHttp(ca, "a.example", "--eab-kid", "kid-1", "--eab-key-file", keyFile.toString(), "-v");
            issueByHttp(ca, "b.example");
            assertThat(said).doesNotContain(MAC_KEY);
        }
        assertThat(certs.issued("a.example")).isTrue();
        assertThat(certs.issued("b.example"))
                .as("the account is bound for good")
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void preferredChain_alternate_isChosenByItsRoot(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).alternateRoots(2).start(scratch.resolve("ca"))) {
            String wanted = commonName(
                    Certificates.parse(ca.root(2)).getSubjectX500Principal().getName());
            issueByHttp(ca, "a.example", "--preferred-chain", wanted);
            issueByHttp(ca, "b.example");
            assertThat(rootOf("a.example")).isEqualTo(wanted);
            assertThat(rootOf("b.example"))
                    .isEqualTo(commonName(Certificates.parse(ca.root(0))
                            .getSubjectX500Principal()
                            .getName()));
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void profile_listedOrNot_isOrderedOrTheDefaultOrRefused(PebbleBinary binary) {
        try (PebbleCa ca =
                PebbleCa.on(binary).profile("shortlived", Duration.ofDays(6)).start(scratch.resolve("ca"))) {
            String port = Integer.toString(ca.httpPort());
            StringBuilder said = new StringBuilder();
            assertThat(issue(ca, said, "a.example", "--http-port", port, "--required-profile", "nothing"))
                    .as("%s", said)
                    .isEqualTo(5);
            assertThat(said).contains("nothing", binary.newer() ? "shortlived" : "it has none");
            issueByHttp(ca, "a.example", "--profile", "shortlived");
            issueByHttp(ca, "127.0.0.1");
            issueByHttp(ca, "b.example", "--profile", "default");
            // Pebble 2.4 has no profiles: what is preferred is no reason to fail there.
            assertThat(days("a.example")).isEqualTo(binary.newer() ? 6 : 90);
            assertThat(days("127.0.0.1")).isEqualTo(binary.newer() ? 6 : 90);
            assertThat(days("b.example")).isEqualTo(90);
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void addressAndInternationalName_byBothChallenges(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            issueByHttp(ca, "127.0.0.1", "b\u00fccher.example");
            assertThat(OpenSsl.matchingPair(certs.entry("127.0.0.1"))).contains("IP Address:127.0.0.1");
            assertThat(OpenSsl.matchingPair(certs.entry("xn--bcher-kva.example")))
                    .contains("DNS:xn--bcher-kva.example");
            issueByTls(ca, "127.0.0.1,www.b\u00fccher.example");
            assertThat(OpenSsl.matchingPair(certs.entry("www.xn--bcher-kva.example,127.0.0.1")))
                    .contains("IP Address:127.0.0.1", "DNS:www.xn--bcher-kva.example");
        }
    }

    @ParameterizedTest
    @CsvSource({"ec-p256, 256", "ec-p384, 384", "rsa-2048, 2048", "rsa-3072, 3072", "rsa-4096, 4096"})
    void keyType_each_isCertified(String type, int bits) {
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"))) {
            StringBuilder said = new StringBuilder();
            String port = Integer.toString(ca.httpPort());
            assertThat(issue(
                            Autotls.environmentForMuchComputing(),
                            ca,
                            said,
                            "a.example",
                            "--http-port",
                            port,
                            "--key-type",
                            type))
                    .as("%s", said)
                    .isZero();
            X509Certificate leaf = certs.leaf("a.example");
            OpenSsl.matchingPair(certs.entry("a.example"));
            assertThat(
                            leaf.getPublicKey() instanceof RSAPublicKey rsa
                                    ? rsa.getModulus().bitLength()
                                    : ((ECPublicKey) leaf.getPublicKey())
                                            .getParams()
                                            .getCurve()
                                            .getField()
                                            .getFieldSize())
                    .isEqualTo(bits);
        }
    }

    private long days(String name) {
        X509Certificate leaf = certs.leaf(name);
        Duration lifetime = Duration.between(
                leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
        return lifetime.plusHours(12).toDays(); // Pebble's last second is the lifetime's own
    }

    private String rootOf(String name) {
        String pem = Repository.read(certs.entry(name));
        return commonName(Certificates.parse(pem.substring(pem.lastIndexOf("-----BEGIN CERTIFICATE-----")))
                .getIssuerX500Principal()
                .getName());
    }

    private static String commonName(String distinguished) {
        return distinguished.replaceAll(".*CN=([^,]*).*", "$1");
    }
}
