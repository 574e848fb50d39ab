package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One directory, two programs: txsni serves what our commands wrote, and we serve what txacme writes. */
@Tag("rig")
class TxsniTest {

    /**
     * As txacme and txsni leave a directory: a PKCS#1 key, the leaf, the chain, for two names, one of them also the default;
     * the account key in PKCS#1, too.
     */
    private static final String TXACME = """
            set -e
            openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=root -keyout root.key -out root.crt
            openssl req -newkey rsa:2048 -nodes -subj /CN=intermediate -keyout intermediate.key -out intermediate.csr
            printf 'basicConstraints=critical,CA:TRUE,pathlen:0' > intermediate.ext
            openssl x509 -req -days 30 -in intermediate.csr -CA root.crt -CAkey root.key -CAcreateserial \\
                -extfile intermediate.ext -out intermediate.crt
            for name in www.example default.example; do
                openssl genrsa -traditional -out $name.key 2048
                openssl req -new -key $name.key -subj /CN=$name -out $name.csr
                printf "subjectAltName=DNS:$name" > $name.ext
                openssl x509 -req -days 30 -in $name.csr -CA intermediate.crt -CAkey intermediate.key -CAcreateserial \\
                    -extfile $name.ext -out $name.crt
            done
            mkdir certs
            cat www.example.key www.example.crt intermediate.crt > certs/www.example.pem
            cat default.example.key default.example.crt intermediate.crt > certs/DEFAULT.pem
            openssl genrsa -traditional -out certs/client.key 2048
            """;

    @TempDir
    Path scratch;

    @BeforeEach
    void makeSite() throws IOException {
        Files.writeString(Files.createDirectories(scratch.resolve("site")).resolve("index.html"), "it works\n");
    }

    @Test
    void twistd_servesWhatIssueAndWebWrote() {
        CertificateDirectory certs = CertificateDirectory.asking(scratch.resolve("certs"));
        Path root = certs.path().resolve("local-ca.crt");
        issue("ec.example");
        issue("p384.example", "--key-type", "ec-p384");
        issue("rsa.example", "--key-type", "rsa-2048");
        issue("two.example", "--key-type", "ec-p256,rsa-2048");
        assertThat(certs.path().resolve("two.example.pem.rsa")).isNotEmptyFile();
        assertThat(certs.leaf("ec.example").getPublicKey()).isInstanceOf(ECPublicKey.class);
        assertThat(certs.leaf("rsa.example").getPublicKey()).isInstanceOf(RSAPublicKey.class);
        List<Integer> ports = FreePorts.next(2);
        try (ChildProcess twisted = twistd(ports.get(0))) {
            twisted.line("Starting factory", Await.HANG_LIMIT);
            for (String name : List.of("ec.example", "p384.example", "rsa.example", "two.example")) {
                assertServed(ports.get(0), name, certs, root);
            }
            try (ChildProcess web =
                    Autotls.start(scratch, "web", "--port", "local:certs:tcp:" + ports.get(1), "--path", "site")) {
                assertThat(Autotls.start(scratch, "names", "add", "later.example", "--certs", "certs")
                                .exit(Await.HANG_LIMIT))
                        .isZero();
                certs.awaitIssued(web, "later.example");
                assertServed(ports.get(0), "later.example", certs, root);
                String first = serial(certs, "rsa.example");
                issue("rsa.example", "--key-type", "rsa-2048"); // renewed while both serve
                assertThat(serial(certs, "rsa.example")).isNotEqualTo(first);
                assertServed(ports.get(0), "rsa.example", certs, root);
                Await.until(
                        Await.HANG_LIMIT,
                        () -> OpensslClient.serial(ports.get(1), "rsa.example", root)
                                .filter(serial(certs, "rsa.example")::equals)
                                .isPresent(),
                        web::output);
                assertThat(web.terminate()).isZero();
            }
        }
    }

    @Test
    void web_txsni_servesWhatTxacmeWrote() {
        ChildProcess.run(Await.HANG_LIMIT, List.of("bash", "-c", "cd '" + scratch + "'\n" + TXACME));
        CertificateDirectory certs = new CertificateDirectory(scratch.resolve("certs"));
        Path root = scratch.resolve("root.crt");
        List<String> before = certs.files();
        int port = FreePorts.next();
        try (ChildProcess web = Autotls.start(
                scratch, "web", "--port", "txsni:certs:tcp:" + port + ":interface=127.0.0.1", "--path", "site")) {
            web.line("Serving site", Await.HANG_LIMIT);
            assertThat(Curl.trusting(root).body("www.example", port, "/")).isEqualTo("it works");
            assertServed(port, "www.example", certs, root);
            for (String version : List.of("-tls1_2", "-tls1_3")) {
                assertThat(OpensslClient.connect(
                                        port,
                                        "-noservername",
                                        version,
                                        "-verify_hostname",
                                        "default.example",
                                        "-CAfile",
                                        root.toString())
                                .verified())
                        .isTrue();
                assertThat(OpensslClient.connect(port, "default.example", root, version)
                                .alert())
                        .as("DEFAULT is no name")
                        .contains("112");
            }
            assertThat(web.terminate()).isZero();
        }
        assertThat(certs.files()).isEqualTo(before);
    }

    private void issue(String name, String... options) {
        List<String> command = new ArrayList<>(List.of("issue", name, "--certs", "certs", "--local"));
        command.addAll(List.of(options));
        try (ChildProcess issue = Autotls.start(scratch, command.toArray(String[]::new))) {
            assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isZero();
        }
    }

    private static void assertServed(int port, String name, CertificateDirectory certs, Path root) {
        assertThat(OpensslClient.connect(port, name, root).verified()).as(name).isTrue();
        assertThat(OpensslClient.serial(port, name, root)).as(name).contains(serial(certs, name));
    }

    private static String serial(CertificateDirectory certs, String name) {
        return certs.leaf(name).getSerialNumber().toString(16);
    }

    private ChildProcess twistd(int port) {
        return ChildProcess.start(
                scratch,
                Map.of(),
                List.of(
                        "twistd3",
                        "-n",
                        "--pidfile=" + scratch.resolve("pid"),
                        "web",
                        "--listen=txsni:" + scratch.resolve("certs") + ":tcp:" + port + ":interface=127.0.0.1",
                        "--path",
                        scratch.resolve("site").toString()));
    }
}
