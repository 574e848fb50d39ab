package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.autotls.internal.Certificates;
import org.autotls.internal.PrivateKeys;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleFileTest {

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");

    private final TestCa ca = new TestCa();
    private final CertificateBundle bundle = ca.issue(FROM, Duration.ofDays(90), "a.example");
    private final String key = PrivateKeys.encode(bundle.privateKey());
    private final String leaf = Certificates.encode(bundle.leaf());
    private final String root = Certificates.encode(ca.root());

    private static CertificateBundle parse(String text) {
        return BundleFile.parse(text.getBytes(StandardCharsets.UTF_8), new ChainSignatures());
    }

    private void assertRead(String text) {
        assertThat(parse(text).chain()).isEqualTo(bundle.chain());
        assertThat(parse(text).privateKey()).isEqualTo(bundle.privateKey());
    }

    private static void assertRefused(String text, String reason) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void encode_writesKeyLeafChainInThisOrder() {
        String text = new String(BundleFile.encode(bundle), StandardCharsets.UTF_8);
        assertThat(text).isEqualTo(key + leaf + root).startsWith("-----BEGIN PRIVATE KEY-----\n");
    }

    @Test
    void F6_anyOrder_isRead() {
        assertRead(key + leaf + root);
        assertRead(leaf + root + key);
        assertRead(root + leaf + key);
        assertRead(root + key + leaf + leaf);
    }

    @Test
    void F6_certificateOfNoPartInTheChain_isLeftOut() {
        assertRead(key + Certificates.encode(new TestCa().root()) + leaf + root);
    }

    @Test
    void F6_twoLeavesForOneKey_theNewerIsServed() {
        X509Certificate newer =
                ca.certify(bundle.leaf().getPublicKey(), FROM.plusSeconds(60), Duration.ofDays(90), "a.example");
        assertThat(parse(key + leaf + root + Certificates.encode(newer)).leaf()).isEqualTo(newer);
    }

    @Test
    void F6_whatNoPairCanBeFoundIn_isRefusedWithTheReason() {
        String other = PrivateKeys.encode(
                ca.issue(FROM, Duration.ofDays(1), "b.example").privateKey());
        String rsa = PrivateKeys.encode(ca.issue(KeyType.RSA_2048, FROM, Duration.ofDays(1), "b.example")
                .privateKey());
        assertRefused(other + leaf + root, "matches none");
        assertRefused(rsa + leaf + root, "matches none");
        assertRefused(key + other + leaf, "2 private keys");
        assertRefused(key + rsa + leaf, "2 private keys");
        assertRefused(leaf + root, "0 private keys");
        assertRefused(key, "no certificate");
        assertRefused("", "0 private keys");
        assertRefused(key.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE") + leaf, "encrypted");
        assertRefused(key + leaf.repeat(1) + root.substring(0, root.length() - 40), "does not end");
    }

    @Test
    void F6_issuerThatDidNotSign_isRefused() {
        String sameName = Certificates.encode(new TestCa().root());
        assertRefused(key + leaf + sameName, "did not sign");
        assertRead(key + leaf + sameName + root); // of two with one name, the one that signed
    }

    @Test
    void F7_harmlessForms_areRead() {
        assertRead((key + leaf + root).replace("\n", "\r\n"));
        assertRead("\ufeff" + key + leaf + root);
        assertRead("subject=/CN=a\n" + key + "Bag Attributes\n\tx: y\n" + leaf + "\n\n" + root.strip());
        assertRead((key + leaf + root).replace("\n", " \t\n"));
        byte[] windows = ("Gr\u00fc\u00dfe\n" + key + leaf + root).getBytes(Charset.forName("windows-1252"));
        assertThat(BundleFile.parse(windows, new ChainSignatures()).leaf()).isEqualTo(bundle.leaf());
    }

    @Test
    void F7_utf16_isRefused() {
        byte[] wide = (key + leaf + root).getBytes(StandardCharsets.UTF_16);
        assertThatThrownBy(() -> BundleFile.parse(wide, new ChainSignatures()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void F8_moreCertificatesThanAnyChain_isRefused() {
        StringBuilder text = new StringBuilder(key);
        for (int i = 0; i < 40; i++) {
            text.append(Certificates.encode(
                    ca.certify(bundle.leaf().getPublicKey(), FROM, Duration.ofDays(1 + i), "a.example")));
        }
        assertRefused(text.toString(), "more than 32");
    }

    /** The keys that directories in the format of txsni may hold, each made by OpenSSL itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key",
                "openssl genrsa -traditional -out key 2048",
                "openssl ecparam -name prime256v1 -genkey -noout -out key",
                "openssl ecparam -name prime256v1 -genkey -out key",
                "openssl ecparam -name secp384r1 -genkey -out key",
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key",
                "openssl genpkey -algorithm ED25519 -out key"
            })
    void F6_everyKeyThatOpensslWrites_isRead(String command, @TempDir Path directory) throws Exception {
        run(directory, command);
        run(directory, "openssl req -new -x509 -key key -subj /CN=a -addext subjectAltName=DNS:a.example -out crt");
        byte[] pem = (Files.readString(directory.resolve("key")) + Files.readString(directory.resolve("crt")))
                .getBytes(StandardCharsets.UTF_8);
        CertificateBundle read = BundleFile.parse(pem, new ChainSignatures());
        assertThat(read.identifiers()).hasToString("[a.example]");
        assertThat(BundleFile.parse(BundleFile.encode(read), new ChainSignatures())
                        .leaf())
                .isEqualTo(read.leaf());
    }

    private static void run(Path directory, String command) throws Exception {
        Process process = new ProcessBuilder(List.of(command.split(" ")))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
