package org.autotls.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.autotls.CertificateBundle;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.Issuer;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.Subject;
import org.autotls.internal.Certificates;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.IssuerContract;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCaIssuerTest extends IssuerContract {

    private static final Subject SUBJECT = Subject.of("localhost", "127.0.0.1");

    /** The present, since OpenSSL judges by the real clock. */
    private final ManualClock clock = new ManualClock(InstantSource.system().instant());

    private final StateStore state = new MemoryStore(clock);
    private final LocalCaIssuer issuer = LocalCaIssuer.of(state, clock);

    @Override
    protected Issuer issuer() {
        return issuer;
    }

    @Override
    protected Instant now() {
        return clock.instant();
    }

    private CertificateBundle issue() throws Exception {
        return await(issuer, request(SUBJECT, new MemoryJournal()));
    }

    @Test
    void root_isMadeOnceForAllProcesses() throws Exception {
        Callable<X509Certificate> task = () -> LocalCaIssuer.of(state, clock).rootCertificate();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            for (Future<X509Certificate> root : pool.invokeAll(List.of(task, task, task, task))) {
                assertThat(root.get()).isEqualTo(issuer.rootCertificate());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void root_isConstrainedAndLastsTenYears() throws Exception {
        X509Certificate root = issuer.rootCertificate();
        assertThat(root.getBasicConstraints()).isEqualTo(1);
        assertThat(root.getNotAfter().toInstant())
                .isBetween(now().plus(Duration.ofDays(3652)), now().plus(Duration.ofDays(3654)));
        X509Certificate intermediate = issue().chain().get(1);
        assertThat(intermediate.getBasicConstraints()).isZero();
        intermediate.verify(root.getPublicKey());
    }

    @Test
    void leaf_isShortLived_withARandomSerial() throws Exception {
        CertificateBundle bundle = issue();
        assertThat(bundle.notAfter())
                .isEqualTo(now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(7)));
        assertThat(bundle.leaf().getBasicConstraints()).isEqualTo(-1);
        assertThat(bundle.leaf().getSubjectX500Principal().getName()).isEmpty();
        assertThat(bundle.leaf().getSerialNumber().bitLength()).isEqualTo(128);
        assertThat(bundle.leaf().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    }

    @Test
    void leaf_forLocalhost_isForTheLoopbackAddressesToo() throws Exception {
        CertificateBundle local = await(issuer, request(Subject.of("localhost"), new MemoryJournal()));
        assertThat(local.identifiers())
                .containsExactlyInAnyOrder(
                        Identifier.of("localhost"), Identifier.of("127.0.0.1"), Identifier.of("::1"));
        CertificateBundle other = await(issuer, request(Subject.of("a.example"), new MemoryJournal()));
        assertThat(other.identifiers()).containsExactly(Identifier.of("a.example"));
    }

    @Test
    void withLifetime_isHonoured_withinItsRange() throws Exception {
        CertificateBundle bundle =
                await(issuer.withLifetime(Duration.ofSeconds(20)), request(SUBJECT, new MemoryJournal()));
        assertThat(Duration.between(now(), bundle.notAfter()))
                .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(20));
        assertThat(bundle.lifetime()).isEqualTo(Duration.ofSeconds(22));
        assertThatThrownBy(() -> issuer.withLifetime(Duration.ofDays(91))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void intermediate_isRenewedBeforeItEnds_andTheRootStays() throws Exception {
        X509Certificate root = issuer.rootCertificate();
        X509Certificate first = issue().chain().get(1);
        clock.advance(Duration.ofDays(200));
        assertThat(issue().chain().get(1)).isEqualTo(first);
        clock.advance(Duration.ofDays(60));
        X509Certificate second = issue().chain().get(1);
        assertThat(second).isNotEqualTo(first);
        second.verify(root.getPublicKey());
        assertThat(issuer.rootCertificate()).isEqualTo(root);
    }

    @Test
    void tenYears_everyLeafIsValidUnderItsIssuers() throws Exception {
        for (int month = 0; month < 130; month++) {
            CertificateBundle bundle = issue();
            X509Certificate intermediate = bundle.chain().get(1);
            intermediate.verify(issuer.rootCertificate().getPublicKey());
            assertThat(bundle.notAfter())
                    .isBeforeOrEqualTo(intermediate.getNotAfter().toInstant())
                    .isAfter(now().plus(Duration.ofDays(6)));
            assertThat(intermediate.getNotAfter())
                    .isBeforeOrEqualTo(issuer.rootCertificate().getNotAfter());
            clock.advance(Duration.ofDays(30));
        }
    }

    @Test
    void storedRootThatIsDamaged_isNeverReplacedSilently() {
        state.save("ca/root", "rubbish", Revision.NONE);
        assertThatThrownBy(this::issue)
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(IssueException.Kind.CONFIGURATION))
                .hasMessageContaining("ca/root");
        assertThat(state.find("ca/root").orElseThrow().text()).isEqualTo("rubbish");
    }

    @Test
    void writeRoot_writesOnceForEverybodyToRead(@TempDir Path directory) throws Exception {
        Path file = issuer.writeRoot(directory);
        assertThat(file).hasFileName("local-ca.crt").hasContent(Certificates.encode(issuer.rootCertificate()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r--r--");
        var written = Files.getLastModifiedTime(file);
        issuer.writeRoot(directory);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
        assertThat(LocalCaIssuer.trustInstructions(file, "https://localhost:8443/"))
                .contains(
                        "curl --cacert " + file + " https://localhost:8443/\n",
                        "update-ca-certificates",
                        "Firefox",
                        "Chrome",
                        "keytool");
        assertThat(LocalCaIssuer.trustInstructions(Path.of("/my own/it's.crt"), "https://localhost:8443/"))
                .contains("curl --cacert '/my own/it'\\''s.crt' https", "cp '/my own/it'\\''s.crt' /usr");
    }

    /** A second opinion on keys, usages, names and path lengths. */
    @Test
    void chain_isAcceptedByOpenssl(@TempDir Path directory) throws Exception {
        CertificateBundle bundle = issue();
        Files.writeString(directory.resolve("root"), Certificates.encode(issuer.rootCertificate()));
        Files.writeString(
                directory.resolve("chain"), Certificates.encode(bundle.chain().get(1)));
        Files.writeString(directory.resolve("leaf"), Certificates.encode(bundle.leaf()));
        for (String name : List.of("-verify_hostname localhost", "-verify_ip 127.0.0.1")) {
            String command =
                    "openssl verify -x509_strict -purpose sslserver " + name + " -CAfile root -untrusted chain leaf";
            Process process = new ProcessBuilder(command.split(" "))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        }
    }
}
