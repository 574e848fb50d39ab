package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.autotls.testkit.ClientHelloBytes;
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
