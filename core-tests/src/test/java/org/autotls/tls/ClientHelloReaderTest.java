package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.KeyType;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;

class ClientHelloReaderTest {

    private static final ClientHelloBytes HELLO =
            ClientHelloBytes.tls13().serverName("A.example").alpn("h2", "http/1.1");

    @Test
    void read_wholeHello_saysWhatItSays() {
        ClientHelloReader reader = new ClientHelloReader();
        ClientHello hello = ((Peek.Hello) reader.read(ByteBuffer.wrap(HELLO.records()))).hello();
        assertThat(hello.serverName()).contains("a.example");
        assertThat(hello.rawServerName()).contains("A.example");
        assertThat(hello.applicationProtocols()).containsExactly("h2", "http/1.1");
        assertThat(hello.offersTls13()).isTrue();
        assertThat(hello.isValidation()).isFalse();
    }

    @Test
    void isValidation_exactlyOneProtocol() {
        assertThat(hello(ClientHelloBytes.tls12().alpn("acme-tls/1")).isValidation())
                .isTrue();
        assertThat(hello(ClientHelloBytes.tls12().alpn("acme-tls/1", "h2")).isValidation())
                .isFalse();
        assertThat(hello(ClientHelloBytes.tls12().alpn("acme-tls/1", "acme-tls/1"))
                        .isValidation())
                .isFalse();
        assertThat(hello(ClientHelloBytes.tls12().alpn("ACME-TLS/1")).isValidation())
                .isFalse();
        assertThat(hello(ClientHelloBytes.tls12()).offersTls13()).isFalse();
    }

    @Test
    void I17_accepts_whatEachOfferedVersionCanVerify() {
        ClientHelloBytes tls12 = bare(0xc02b, 0xc02f).extension(10, hex("0002001d"));
        assertThat(usable(bare(0xc02b, 0xc02f))).isEqualTo("P256 P384 RSA");
        assertThat(usable(bare(0xc02b))).isEqualTo("P256 P384");
        assertThat(usable(bare(0xc02f))).isEqualTo("RSA");
        assertThat(usable(bare(0xc013, 0x009c))).as("nothing of ours").isEmpty();
        assertThat(usable(tls12)).as("no curve of a key").isEqualTo("RSA");
        assertThat(usable(bare(0xc02b, 0xc02f).extension(10, hex("00040017001d"))))
                .isEqualTo("P256 RSA");
        assertThat(usable(bare(0xc02b, 0xc02f).extension(13, hex("00020401")))).isEqualTo("RSA");
        assertThat(usable(bare(0xc02b, 0xc02f).extension(13, hex("00020403")))).isEqualTo("P256");
        assertThat(usable(bare(0xc02b, 0xc02f).extension(13, hex("000402010203"))))
                .as("SHA-1")
                .isEmpty();
        assertThat(usable(tls13(0x1301).extension(13, hex("000405030804")))).isEqualTo("P384 RSA");
        assertThat(usable(tls13(0x1301).extension(13, hex("000404030401"))))
                .as("RSA without PSS is of TLS 1.2")
                .isEqualTo("P256");
        assertThat(usable(tls13(0x1301, 0xc02f).extension(13, hex("000404030804"))))
                .as("ECDSA in 1.3 only, RSA in both")
                .isEqualTo("RSA");
    }

    @Test
    void I17_malformedLists_areRefused() {
        for (int type : new int[] {10, 13}) {
            for (String body : new String[] {"", "0003040308", "000204030804", "0004"}) {
                Peek peek = new ClientHelloReader()
                        .read(ByteBuffer.wrap(
                                bare(0xc02b).extension(type, hex(body)).records()));
                assertThat(peek).as(type + " " + body).isInstanceOf(Peek.Refused.class);
            }
        }
    }

    /** Of TLS 1.2, and without a word on signatures and curves. */
    private static ClientHelloBytes bare(int... suites) {
        return ClientHelloBytes.bare(suites);
    }

    /** Of both versions, if there are suites for both. */
    private static ClientHelloBytes tls13(int... suites) {
        return bare(suites).extension(43, hex("0403040303"));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static String usable(ClientHelloBytes bytes) {
        ClientHello hello = hello(bytes);
        TestCa ca = new TestCa();
        return Stream.of(KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048)
                .map(type -> ca.issue(type, Instant.EPOCH, Duration.ofDays(1), type + ".example"))
                .map(bundle -> new IndexEntry("one", bundle))
                .filter(hello::accepts)
                .map(entry -> entry.leafKey().name())
                .collect(Collectors.joining(" "));
    }

    private static ClientHello hello(ClientHelloBytes bytes) {
        return ((Peek.Hello) new ClientHelloReader().read(ByteBuffer.wrap(bytes.records()))).hello();
    }

    @Test
    void I12_anyCut_givesTheSameMessageBack() {
        Random random = new Random(12);
        byte[] message = HELLO.paddedTo(20_000).message();
        for (int round = 0; round < 200; round++) {
            ClientHelloReader reader = new ClientHelloReader();
            ByteBuffer wire = ByteBuffer.wrap(ClientHelloBytes.records(message, 1 + random.nextInt(16_384)));
            Peek peek = new Peek.Incomplete();
            while (wire.hasRemaining()) {
                assertThat(peek).isInstanceOf(Peek.Incomplete.class);
                int size = Math.min(wire.remaining(), 1 + random.nextInt(5000));
                peek = reader.read(wire.slice(wire.position(), size));
                wire.position(wire.position() + size);
            }
            assertThat(peek).isInstanceOf(Peek.Hello.class);
            ByteBuffer back = reader.records();
            byte[] bytes = new byte[back.remaining()];
            back.get(bytes);
            assertThat(bytes).isEqualTo(ClientHelloBytes.records(message, 16_384));
        }
    }

    @Test
    void read_bytesAfterTheHello_staysWhereItIs() {
        byte[] wire = HELLO.records();
        ByteBuffer more = ByteBuffer.allocate(wire.length + 3).put(wire).rewind();
        assertThat(new ClientHelloReader().read(more)).isInstanceOf(Peek.Hello.class);
        assertThat(more.remaining()).isEqualTo(3);
    }

    @Test
    void read_everyPrefix_isIncomplete() {
        byte[] wire = HELLO.records(40);
        for (int length = 0; length < wire.length; length++) {
            assertThat(new ClientHelloReader().read(ByteBuffer.wrap(wire, 0, length)))
                    .isInstanceOf(Peek.Incomplete.class);
        }
    }

    @Test
    void records_beforeTheEnd_isRefused() {
        assertThatThrownBy(new ClientHelloReader()::records).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void read_randomDamage_neverThrows() {
        Random random = new Random(10);
        byte[] wire = HELLO.records();
        for (int round = 0; round < 200_000; round++) {
            byte[] damaged = wire.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            assertThat(new ClientHelloReader().read(ByteBuffer.wrap(damaged))).isNotNull();
        }
    }
}
