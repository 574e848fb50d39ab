package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 9773 against Pebble: 2.10 has renewal information, 2.4 has none. */
@Tag("rig")
class RenewalInformationRigTest {

    private static final String NAME = "a.example";
    private static final String EXPLANATION = "https://ca.example/incident";

    @TempDir
    private Path scratch = Path.of("");

    private Path site = Path.of("");
    private CertificateDirectory certs = CertificateDirectory.at(scratch);

    @BeforeEach
    void makeDirectories() throws IOException {
        certs = CertificateDirectory.asking(scratch.resolve("certs"));
        site = Files.createDirectories(scratch.resolve("site"));
    }

    static List<PebbleBinary> binaries() {
        return PebbleBinary.all();
    }

    private String run(PebbleCa ca, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--certs", certs.path().toString()));
        if (!arguments[0].equals("status")) {
            all.addAll(List.of(
                    "--acme",
                    ca.acme().toString(),
                    "--acme-root",
                    ca.httpsRoot().toString()));
        }
        try (ChildProcess process = Autotls.start(scratch, all.toArray(String[]::new))) {
            assertThat(process.exit(Await.HANG_LIMIT))
                    .as("%s", process.output())
                    .isZero();
            return process.output();
        }
    }

    private void order(PebbleCa ca, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--http-port", Integer.toString(ca.httpPort()), "--agree-tos"));
        run(ca, all.toArray(String[]::new));
    }

    private ChildProcess web(PebbleCa ca) {
        return Autotls.start(
                scratch,
                "web",
                "--port",
                Autotls.endpoint(ca, certs.path(), ca.tlsPort()),
                "--path",
                site.toString(),
                "--acme-root",
                ca.httpsRoot().toString(),
                "--agree-tos");
    }

    private static String serial(X509Certificate leaf) {
        return leaf.getSerialNumber().toString(16);
    }

    private static String pastWindow() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return "{\"suggestedWindow\": {\"start\": \"%s\", \"end\": \"%s\"}, \"explanationURL\": \"%s\"}"
                .formatted(now.minusSeconds(7200), now.minusSeconds(3600), EXPLANATION);
    }

    /** There is one order an hour at most: the certificate becomes two hours old. */
    private void ageRenewalRecord() throws IOException {
        try (Stream<Path> all = Files.walk(certs.path())) {
            Path record = all.filter(path -> path.toString().contains("renewals") && Files.isRegularFile(path))
                    .findFirst()
                    .orElseThrow();
            String text = Files.readString(record);
            String aged = text.replaceAll(
                    "\"issuedAt\":\"[^\"]*\"", "\"issuedAt\":\"" + Instant.now().minusSeconds(7200) + "\"");
            assertThat(aged).isNotEqualTo(text);
            Files.writeString(record, aged);
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void windowInThePast_isRenewedAsAReplacementAndServed_whereTheCaHasWindows(PebbleBinary binary) throws Exception {
        try (PebbleCa ca = PebbleCa.on(binary).nonceRejectPercent(50).start(scratch.resolve("ca"))) {
            X509Certificate old = calledBack(ca, binary);
            try (ChildProcess web = web(ca)) {
                if (binary.newer()) {
                    Await.until(Await.HANG_LIMIT, () -> isServedAnew(ca, old), web::output);
                    assertThat(web.output()).contains(EXPLANATION);
                    assertThat(ca.log()).anyMatch(line -> line.contains("is a replacement of"));
                    assertThat(certs.leaf(NAME).getPublicKey()).isNotEqualTo(old.getPublicKey());
                } else {
                    Await.until(
                            Await.HANG_LIMIT,
                            () -> OpensslClient.serial(ca.tlsPort(), NAME, ca.issuerRoot())
                                    .isPresent(),
                            web::output);
                    assertThat(certs.leaf(NAME)).isEqualTo(old);
                }
                assertThat(web.terminate()).isZero();
            }
            assertThat(ca.orders()).isEqualTo(binary.newer() ? 2 : 1);
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void renew_byHand_asksFirst(PebbleBinary binary) throws Exception {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            X509Certificate old = calledBack(ca, binary);
            order(ca, "renew");
            assertThat(certs.leaf(NAME).equals(old)).isEqualTo(!binary.newer());
        }
    }

    /** Issues, and has the CA call it back if it can. */
    private X509Certificate calledBack(PebbleCa ca, PebbleBinary binary) throws IOException {
        order(ca, "issue", NAME);
        X509Certificate issued = certs.leaf(NAME);
        if (binary.newer()) {
            ca.setRenewalInfo(issued, pastWindow());
        }
        ageRenewalRecord();
        return issued;
    }

    private boolean isServedAnew(PebbleCa ca, X509Certificate old) {
        return OpensslClient.serial(ca.tlsPort(), NAME, ca.issuerRoot())
                .filter(serial -> !serial.equals(serial(old)))
                .isPresent();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void status_showsTheWindow_whereTheCaHasOne(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            order(ca, "issue", NAME);
            try (ChildProcess web = web(ca)) {
                Await.until(
                        Await.HANG_LIMIT,
                        () -> run(ca, "status", "--json").contains("\"selected\"") == binary.newer(),
                        web::output);
            }
            assertThat(run(ca, "status"))
                    .contains("CA'S WINDOW")
                    .contains(binary.newer() ? "valid; the CA says when" : "valid");
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void forcedAndAfterRevocation_theNewOneReplacesTheOld_whereTheCaHasWindows(PebbleBinary binary) {
        try (PebbleCa ca = PebbleCa.on(binary).start(scratch.resolve("ca"))) {
            order(ca, "issue", NAME);
            order(ca, "renew", "--force", NAME);
            X509Certificate revoked = certs.leaf(NAME);
            run(ca, "revoke", NAME, "--reason", "keyCompromise");
            order(ca, "renew");
            assertThat(certs.leaf(NAME).getPublicKey()).isNotEqualTo(revoked.getPublicKey());
            assertThat(ca.log().stream()
                            .filter(line -> line.contains("is a replacement of"))
                            .count())
                    .isEqualTo(binary.newer() ? 2 : 0);
        }
    }
}
