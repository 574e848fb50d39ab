package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.autotls.CertificateBundle;
import org.autotls.testkit.TlsProbe.Handshake;
import org.autotls.testkit.TlsProbe.Reply;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Part of {@link ServingContract}: which hellos are served and how the others are refused (docs/faults.md, I and N). Asks for
 * nothing but a port, so a server in another process can be tested with it, too.
 */
public abstract class ClientHelloTable extends ServingFixture {

    /** Subclasses are made by JUnit. */
    protected ClientHelloTable() {}

    private static final String TOO_LONG_A_RECORD = "a record of 16385 bytes";

    @TestFactory
    final Stream<DynamicTest> I1_to_I9_namesThatAreNotServed_areUnrecognized() {
        List<String> names = new ArrayList<>(List.of(
                "../../etc/passwd",
                "..%2f",
                "\\",
                "/etc/passwd",
                "C:\\x",
                ".",
                "..",
                "a.example/", // I1
                "a.example\0",
                "a\r\nb.example",
                "\u001b[31m",
                "a\u007f.example",
                "\u0080\u00ff.example",
                "\u00c0\u00af.example",
                "\u00e2\u0080\u008fa.example", // I2
                utf8("\u0131.example"),
                utf8("\u017f.example"),
                utf8("\u212a.example"), // I3
                "a.example.",
                ".a.example",
                "a..example",
                "example",
                "localhost", // I4
                utf8("b\u00fccher.example"),
                "xn--.example",
                "xn--a-.example",
                "xn--zzzzzz99999.example", // I5
                "192.0.2.1",
                "127.0.0.1",
                "[::1]",
                "::1",
                "fe80::1%eth0",
                "a.example:443", // I6
                "_a.example",
                "a_b.example",
                "_acme.a.example", // I7
                "*.wild.example",
                "*",
                "*.example",
                "a.b.wild.example",
                ".wild.example",
                "wild.example", // I8
                "unknown.example",
                "c.example"));
        for (int length : new int[] {64, 253, 254, 255, 300, 15_000}) { // I9
            names.add("a".repeat(length - 8) + ".example");
        }
        names.add("a.".repeat(122) + "a.example");
        return names.stream()
                .map(name -> dynamicTest(
                        name.length() > 60 ? name.length() + " characters" : name.replaceAll("[^!-~]", "?"),
                        () -> expect("alert 112", hello -> hello.serverName(name))));
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @TestFactory
    final Stream<DynamicTest> I3_I5_I8_namesThatAreServed_areServed() {
        return Stream.of(
                        "a.example",
                        "A.EXAMPLE",
                        "a.eXample",
                        "x.wild.example",
                        "X.Wild.Example",
                        "xn--bcher-kva.example",
                        "XN--BCHER-KVA.example",
                        "rsa.example")
                .map(name -> dynamicTest(name, () -> expect("SERVER_HELLO", hello -> hello.serverName(name))));
    }

    @Test
    final void I8_eachName_getsItsOwnCertificate() throws SSLException {
        for (String version : VERSIONS) {
            for (String name : List.of("a.example", "b.example", "rsa.example", "xn--bcher-kva.example")) {
                assertThat(names(probe().handshake(name, version))).isEqualTo("[" + name + "]");
            }
            assertThat(names(probe().handshake("X.WILD.example", version))).isEqualTo("[*.wild.example]");
        }
    }

    private static String names(Handshake handshake) {
        try {
            return handshake.leaf().getSubjectAlternativeNames().stream()
                    .map(name -> String.valueOf(name.get(1)))
                    .toList()
                    .toString();
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }

    @TestFactory
    final Stream<DynamicTest> I10_malformedHellos_areRefusedAtOnce() {
        Map<String, UnaryOperator<ClientHelloBytes>> cases = new LinkedHashMap<>();
        byte[] name = "a.example".getBytes(StandardCharsets.US_ASCII);
        byte[] one = concat(new byte[] {0, 0, 9}, name);
        byte[] both = concat(new byte[] {0, 24}, concat(one, one));
        cases.put("alert 47: two names", hello -> hello.extension(0, both));
        cases.put(
                "alert 47: server_name twice",
                hello -> hello.serverName("a.example").serverName("b.example"));
        cases.put(
                "alert 47: the same server_name twice",
                hello -> hello.serverName("a.example").serverName("a.example"));
        cases.put(
                "alert 47: ALPN twice",
                hello -> hello.serverName("a.example").alpn("h2").alpn("acme-tls/1"));
        cases.put("alert 50: empty server_name", hello -> hello.extension(0, new byte[0]));
        cases.put("alert 50: empty list", hello -> hello.extension(0, new byte[] {0, 0}));
        cases.put("alert 50: empty name", hello -> hello.serverName(""));
        cases.put("alert 50: list longer than extension", hello -> hello.extension(0, new byte[] {0, 9, 0, 0, 1, 97}));
        cases.put("alert 50: name longer than list", hello -> hello.extension(0, new byte[] {0, 4, 0, 0, 9, 97}));
        cases.put("alert 50: bytes after the list", hello -> hello.extension(0, new byte[] {0, 4, 0, 0, 1, 97, 1}));
        cases.put("alert 50: empty ALPN", hello -> hello.serverName("a.example").extension(16, new byte[] {0, 0}));
        cases.put(
                "alert 50: empty protocol",
                hello -> hello.serverName("a.example").extension(16, new byte[] {0, 1, 0}));
        return cases.entrySet().stream()
                .map(entry -> dynamicTest(
                        entry.getKey(), () -> refused(entry.getKey().replaceAll(":.*", ""), entry.getValue())));
    }

    private void refused(String alert, UnaryOperator<ClientHelloBytes> malformed) {
        if (!readsHellosItself()) {
            expect(alert, malformed);
            return;
        }
        for (ClientHelloBytes hello : List.of(ClientHelloBytes.tls13(), ClientHelloBytes.tls12())) {
            assertThat(probe().send(malformed.apply(hello).records()).toString())
                    .isIn(alert, "CLOSED");
        }
    }

    @TestFactory
    final Stream<DynamicTest> I10_I11_I15_oddButSoundHellos_areServed() {
        Map<String, UnaryOperator<ClientHelloBytes>> cases = new LinkedHashMap<>();
        cases.put(
                "SNI after 10 KB of others",
                hello -> hello.extension(0x5a5a, new byte[10_000]).serverName("a.example"));
        cases.put("500 extensions", hello -> {
            ClientHelloBytes many = hello;
            for (int i = 0; i < 500; i++) {
                many = many.extension(0x7000 + i, new byte[3]);
            }
            return many.serverName("a.example");
        });
        cases.put(
                "extensions turned round",
                hello -> hello.serverName("a.example").reversed());
        cases.put("ECH GREASE", hello -> hello.extension(0xfe0d, echGrease()).serverName("a.example"));
        cases.put(
                "GREASE",
                hello -> hello.cipherSuites(0x1a1a, 0x1301, 0xc02b)
                        .extension(0x0a0a, new byte[0])
                        .serverName("a.example")
                        .alpn("\u008a\u008a", "http/1.1")
                        .extension(0xfafa, new byte[] {0}));
        return cases.entrySet().stream()
                .map(entry -> dynamicTest(entry.getKey(), () -> expect("SERVER_HELLO", entry.getValue())));
    }

    /** An outer ClientHello of ECH, with random content as far as anyone can tell. */
    private static byte[] echGrease() {
        byte[] body = new byte[1 + 2 + 2 + 1 + 2 + 32 + 2 + 144];
        body[2] = 1; // HKDF-SHA256
        body[4] = 1; // AES-128-GCM
        body[7] = 32;
        body[41] = (byte) 144;
        return body;
    }

    @Test
    final void I15_unknownVersions_neverEndInSilence() {
        for (int version : new int[] {0x0305, 0x7f1c}) {
            for (ClientHelloBytes hello : List.of(ClientHelloBytes.tls13(), ClientHelloBytes.tls12())) {
                Reply reply = probe().send(hello.legacyVersion(version)
                        .serverName("a.example")
                        .records());
                assertThat(reply.kind()).isNotEqualTo(Reply.Kind.SILENT);
            }
        }
    }

    @Test
    final void I11_noServerName_isRefusedUnlessThereIsAFallback() throws Exception {
        ClientHelloBytes otherType = ClientHelloBytes.tls13().extension(0, new byte[] {0, 4, 1, 0, 1, 97});
        assertThat(probe().send(ClientHelloBytes.tls13().records())).hasToString("alert 109");
        assertThat(probe().send(ClientHelloBytes.tls12().records())).hasToString("alert 40");
        assertThat(probe().send(otherType.records())).hasToString("alert 109");
        CertificateBundle fallback = ca.issue(FROM, LIFETIME, "default.example");
        index.putFallback(fallback);
        published();
        for (String version : VERSIONS) {
            assertThat(probe().handshake("", version).leaf()).isEqualTo(fallback.leaf());
            assertThatThrownBy(() -> probe().handshake("default.example", version))
                    .hasMessageContaining("unrecognized_name");
        }
        index.removeFallback();
        published();
        assertThat(probe().send(ClientHelloBytes.tls13().records())).hasToString("alert 109");
    }

    @TestFactory
    final Stream<DynamicTest> I12_I13_aHelloCutInAnyWay_isTheSameHello() {
        ClientHelloBytes small = ClientHelloBytes.tls13().serverName("a.example");
        ClientHelloBytes unknown = ClientHelloBytes.tls13().serverName("unknown.example");
        ClientHelloBytes postQuantum = ClientHelloBytes.tls13().paddedTo(1900).serverName("a.example");
        ClientHelloBytes large =
                ClientHelloBytes.tls13().paddedTo(longestHello() - 100).serverName("a.example");
        ClientHelloBytes tooLarge =
                ClientHelloBytes.tls13().serverName("a.example").paddedTo(33_000);
        return Stream.of(
                cut("each byte in its segment", small.records(), 1, "SERVER_HELLO"),
                cut("each byte in its record", small.records(1), 100_000, ifSplit("SERVER_HELLO")),
                cut(
                        "each byte in its record, and each of those in its segment",
                        small.records(1),
                        1,
                        ifSplit("SERVER_HELLO")),
                cut("unknown, each byte in its record", unknown.records(1), 100_000, ifSplit("alert 112")),
                cut("two records", small.records(100), 7, ifSplit("SERVER_HELLO")),
                cut("longer than a packet", postQuantum.records(), 1400, "SERVER_HELLO"),
                cut("as long as may be", large.records(), 100_000, "SERVER_HELLO"),
                cut("as long as may be, in small records", large.records(50), 1000, ifSplit("SERVER_HELLO")),
                cut("over 32 KiB", tooLarge.records(), 100_000, ifSplit("alert 47")),
                cut(
                        "an empty record first",
                        concat(new byte[] {22, 3, 1, 0, 0}, small.records()),
                        100_000,
                        cutsRecordsItself() ? "CLOSED" : ifSplit("alert 10")),
                cut(TOO_LONG_A_RECORD, new byte[] {22, 3, 1, 64, 1, 1, 0}, 100, "alert 22"),
                cut("I13 nine bytes that claim 16 MiB", new byte[] {22, 3, 1, 64, 0, 1, -1, -1, -1}, 9, "alert 47"));
    }

    private String ifSplit(String expected) {
        return takesSplitHellos() ? expected : "CLOSED";
    }

    private DynamicTest cut(String what, byte[] bytes, int segment, String expected) {
        // An engine reads a whole record before it looks inside, and so sees a lie about the rest of it late.
        boolean partial = (what.startsWith("I13") && !seesPartialRecords())
                || (what.equals(TOO_LONG_A_RECORD)
                        && (cutsRecordsItself() || !takesSplitHellos() || readsHellosItself()));
        boolean mayClose = what.contains("record") && readsHellosItself();
        return dynamicTest(
                what,
                () -> assertThat(probe().send(bytes, segment, partial ? 300 : 20_000)
                                .toString())
                        .isIn(partial ? "SILENT" : expected, mayClose ? "CLOSED" : expected));
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    final void I14_whatIsNotTls_isRefusedAndHurtsNobody() throws Exception {
        restartServer();
        Random random = new Random(14);
        byte[] noise = new byte[3000];
        random.nextBytes(noise);
        noise[0] = 1;
        byte[] http = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        if (readsHellosItself()) {
            assertThatThrownBy(() -> probe().send(http)).hasMessageContaining("not a TLS record, type " + (int) 'H');
        } else {
            assertThat(probe().send(http).kind()).isIn(REFUSED);
        }
        List<byte[]> wrong = List.of(
                "SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII),
                "PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n".getBytes(StandardCharsets.US_ASCII),
                new byte[] {(byte) 0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16, 1, 0, (byte) 0x80, 3, 0, (byte) 0x80
                }, // SSLv2
                new byte[] {21, 3, 3, 0, 2, 2, 40},
                new byte[] {22, 2, 0, 0, 4, 1, 0, 0, 0},
                new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0},
                new byte[] {23, 3, 3, 0, 1, 0},
                noise);
        for (byte[] bytes : wrong) {
            Reply reply = probe().send(bytes);
            assertThat(reply.kind()).isIn(REFUSED);
        }
        ClientHelloBytes old = ClientHelloBytes.tls12().legacyVersion(0x0301).serverName("a.example");
        assertThat(probe().send(old.records()).kind()).isIn(REFUSED);
        assertThat(server().conversations()).isZero();
        assertThat(probe().handshake("a.example", "TLSv1.3").protocol()).isEqualTo("TLSv1.3");
    }

    @Test
    final void I16_anotherNameAfterHelloRetryRequest_isNotServed() {
        ClientHelloBytes withoutShare =
                ClientHelloBytes.tls12().extension(43, new byte[] {2, 3, 4}).extension(51, new byte[] {0, 0});
        Reply reply = probe().converse(
                        withoutShare.serverName("a.example").records(),
                        ClientHelloBytes.tls13().serverName("b.example").records());
        assertThat(reply.toString()).isIn(engine().afterRetryWithAnotherName());
    }

    @Test
    final void I17_aClientThatCannotUseTheKey_isRefused() {
        ClientHelloBytes ecdsaOnly = ClientHelloBytes.tls12().cipherSuites(0xc02b, 0xc02c);
        ClientHelloBytes rsaOnly = ClientHelloBytes.tls12().cipherSuites(0xc02f, 0xc030);
        assertThat(probe().send(ecdsaOnly.serverName("a.example").records())).hasToString("SERVER_HELLO");
        assertThat(probe().send(rsaOnly.serverName("rsa.example").records())).hasToString("SERVER_HELLO");
        assertThat(probe().send(ecdsaOnly.serverName("rsa.example").records()).kind())
                .isIn(REFUSED);
        assertThat(probe().send(rsaOnly.serverName("a.example").records()).kind())
                .isIn(REFUSED);
    }

    @Test
    final void N7_cbcAndStaticRsa_areOff() {
        ClientHelloBytes weak = ClientHelloBytes.tls12()
                .cipherSuites(0xc009, 0xc00a, 0xc013, 0xc023, 0xc027, 0x009c, 0x002f, 0x003c, 0x009e);
        assertThat(probe().send(weak.serverName("rsa.example").records()).kind())
                .isIn(REFUSED);
        assertThat(probe().send(weak.serverName("a.example").records()).kind()).isIn(REFUSED);
    }
}
