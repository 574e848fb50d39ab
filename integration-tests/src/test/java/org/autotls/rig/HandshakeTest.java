package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.autotls.rig.OpensslClient.Handshake;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The running endpoint, judged from outside by OpenSSL: server names, protocols, resumption. */
@Tag("rig")
class HandshakeTest {

    private static final String UNRECOGNIZED_NAME = "112";
    private static final String NO_APPLICATION_PROTOCOL = "120";

    @TempDir
    static Path scratch = Path.of("");

    private static int port;
    private static Path root = Path.of("");
    private static ChildProcess web;

    @BeforeAll
    static void serve() throws IOException {
        port = FreePorts.next();
        Files.createDirectories(scratch.resolve("site"));
        CertificateDirectory certs =
                CertificateDirectory.asking(scratch.resolve("certs"), "localhost", "a.example", "b.example");
        root = certs.path().resolve("local-ca.crt");
        web = Autotls.start(scratch, "web", "--port", "local:" + certs.path() + ":tcp:" + port, "--path", "site");
        certs.awaitIssued(web, "localhost", "a.example", "b.example");
        Await.until(
                Await.HANG_LIMIT,
                () -> OpensslClient.connect(port, "b.example", root).verified(),
                web::output);
    }

    @AfterAll
    static void stop() {
        web.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void knownName_isServedWithItsCertificate(String version) {
        assertThat(OpensslClient.connect(port, "a.example", root, version).verified())
                .isTrue();
        assertThat(OpensslClient.connect(port, "A.Example", root, version).done())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void unknownName_isRefusedAsUnrecognized(String version) {
        assertThat(OpensslClient.connect(port, "unknown.example", root, version).alert())
                .contains(UNRECOGNIZED_NAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void I11_noServerName_isServedAsLocalhost(String version) {
        Handshake handshake = OpensslClient.connect(
                port, "-noservername", version, "-verify_ip", "127.0.0.1", "-CAfile", root.toString());
        assertThat(handshake.verified()).as(handshake.output()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1", "-tls1_1"})
    void N7_oldVersions_areRefused(String version) {
        assertThat(OpensslClient.connect(port, "a.example", root, version, "-cipher", "ALL:@SECLEVEL=0")
                        .done())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256"})
    void N7_suitesWithoutForwardSecrecyOrAead_areRefused(String suite) {
        assertThat(OpensslClient.connect(port, "a.example", root, "-tls1_2", "-cipher", suite + ":@SECLEVEL=0")
                        .done())
                .isFalse();
    }

    @Test
    void alpn_http2IsChosenWhenOffered() {
        assertThat(OpensslClient.connect(port, "a.example", root, "-alpn", "h2,http/1.1")
                        .alpn())
                .contains("h2");
        assertThat(OpensslClient.connect(port, "a.example", root, "-alpn", "http/1.1")
                        .alpn())
                .contains("http/1.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void J2_acmeTlsWithNothingPending_isRefused(String version) {
        Handshake handshake = OpensslClient.connect(port, "a.example", root, version, "-alpn", "acme-tls/1");
        assertThat(handshake.alert()).as(handshake.output()).contains(NO_APPLICATION_PROTOCOL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void J3_acmeTlsAmongOthers_getsAnOrdinaryProtocol(String version) {
        Handshake handshake = OpensslClient.connect(port, "a.example", root, version, "-alpn", "acme-tls/1,http/1.1");
        assertThat(handshake.alpn()).as(handshake.output()).contains("http/1.1");
        assertThat(handshake.verified()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void N8_session_isResumedUnderItsOwnNameOnly(String version) {
        String session = scratch.resolve("session" + version).toString();
        Handshake first = OpensslClient.request(port, "a.example", root, version, "-sess_out", session);
        assertThat(first.resumed()).as(first.output()).isFalse();
        Handshake own = OpensslClient.request(port, "a.example", root, version, "-sess_in", session);
        assertThat(own.resumed()).as(own.output()).isTrue();
        Handshake other = OpensslClient.request(port, "b.example", root, version, "-sess_in", session);
        assertThat(other.resumed()).as(other.output()).isFalse();
        assertThat(other.verified()).as(other.output()).isTrue();
        Handshake unknown = OpensslClient.request(port, "unknown.example", root, version, "-sess_in", session);
        assertThat(unknown.alert()).as(unknown.output()).contains(UNRECOGNIZED_NAME);
    }
}
