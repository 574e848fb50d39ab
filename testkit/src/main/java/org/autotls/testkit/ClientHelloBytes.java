package org.autotls.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/**
 * Builds a ClientHello byte by byte, sound or not, to be sent to a server that runs. Without changes it offers TLS 1.3 and
 * 1.2 in a way that every server of ours goes on with. Immutable; each method returns a changed copy.
 *
 * <p>Extensions are written in the order in which they were added, and as often.
 */
public final class ClientHelloBytes {

    /** The number of the server_name extension. */
    public static final int SERVER_NAME = 0;

    /** The number of the ALPN extension. */
    public static final int ALPN = 16;

    private static final int HEADER = 4;
    private static final int MAX_FRAGMENT = 1 << 14;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Extension(int type, byte[] body) {}

    private final int legacyVersion;
    private final byte[] cipherSuites;
    private final List<Extension> extensions;

    private ClientHelloBytes(int legacyVersion, byte[] cipherSuites, List<Extension> extensions) {
        this.legacyVersion = legacyVersion;
        this.cipherSuites = cipherSuites;
        this.extensions = extensions;
    }

    /**
     * Starts from a client of TLS 1.3 and 1.2, with a key share for x25519, and without server name or ALPN.
     *
     * @return a hello that a server answers with ServerHello
     */
    public static ClientHelloBytes tls13() {
        return tls12().extension(43, hex("0403040303")).extension(51, concat(hex("0024001d0020"), keyShare()));
    }

    /**
     * Starts from a client that knows no TLS 1.3, without server name or ALPN.
     *
     * @return a hello that a server answers with ServerHello
     */
    public static ClientHelloBytes tls12() {
        return bare(0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x00ff)
                .extension(10, hex("0006001d00170018"))
                .extension(11, hex("0100"))
                .extension(13, hex("000c040308040401050308050501"))
                .extension(23, new byte[0]);
    }

    /**
     * Starts from a client that knows no TLS 1.3 and sends no extension at all.
     *
     * @param suites its cipher suites, two bytes each
     * @return a hello that is sound
     */
    public static ClientHelloBytes bare(int... suites) {
        return new ClientHelloBytes(0x0303, new byte[0], List.of()).cipherSuites(suites);
    }

    /**
     * Adds a server_name extension with one host name.
     *
     * @param name each character becomes one byte
     * @return a copy with one extension more
     */
    public ClientHelloBytes serverName(String name) {
        return serverName(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Adds a server_name extension with one host name.
     *
     * @param name any bytes, up to 65,530
     * @return a copy with one extension more
     */
    public ClientHelloBytes serverName(byte[] name) {
        return extension(SERVER_NAME, vector16(concat(new byte[] {0}, vector16(name))));
    }

    /**
     * Adds an ALPN extension.
     *
     * @param protocols each character becomes one byte
     * @return a copy with one extension more
     */
    public ClientHelloBytes alpn(String... protocols) {
        byte[] list = new byte[0];
        for (String protocol : protocols) {
            byte[] name = protocol.getBytes(StandardCharsets.ISO_8859_1);
            list = concat(list, concat(new byte[] {(byte) name.length}, name));
        }
        return extension(ALPN, vector16(list));
    }

    /**
     * Adds any extension.
     *
     * @param type 0 to 65535
     * @param body what stands after its length
     * @return a copy with one extension more
     */
    public ClientHelloBytes extension(int type, byte[] body) {
        List<Extension> more = new ArrayList<>(extensions);
        more.add(new Extension(type, body.clone()));
        return new ClientHelloBytes(legacyVersion, cipherSuites, more);
    }

    /**
     * Turns the order of the extensions round.
     *
     * @return a changed copy
     */
    public ClientHelloBytes reversed() {
        List<Extension> turned = new ArrayList<>(extensions);
        Collections.reverse(turned);
        return new ClientHelloBytes(legacyVersion, cipherSuites, turned);
    }

    /**
     * Sets the version field, which TLS 1.3 leaves at 0x0303.
     *
     * @param version for example 0x0305
     * @return a changed copy
     */
    public ClientHelloBytes legacyVersion(int version) {
        return new ClientHelloBytes(version, cipherSuites, extensions);
    }

    /**
     * Sets the cipher suites.
     *
     * @param suites two bytes each
     * @return a changed copy
     */
    public ClientHelloBytes cipherSuites(int... suites) {
        ByteBuffer bytes = ByteBuffer.allocate(suites.length * 2);
        Arrays.stream(suites).forEach(suite -> bytes.putShort((short) suite));
        return new ClientHelloBytes(legacyVersion, bytes.array(), extensions);
    }

    /**
     * Writes the handshake message.
     *
     * @return type, length and body
     */
    public byte[] message() {
        byte[] list = new byte[0];
        for (Extension extension : extensions) {
            list = concat(list, concat(two(extension.type()), vector16(extension.body())));
        }
        byte[] random = new byte[32];
        Arrays.fill(random, (byte) 7);
        byte[] body = concat(two(legacyVersion), random);
        body = concat(body, new byte[] {0});
        body = concat(body, concat(vector16(cipherSuites), new byte[] {1, 0}));
        body = concat(body, vector16(list));
        byte[] header = {1, (byte) (body.length >> 16), (byte) (body.length >> 8), (byte) body.length};
        return concat(header, body);
    }

    /**
     * Writes the message in as few records as may be.
     *
     * @return what goes over the wire
     */
    public byte[] records() {
        return records(MAX_FRAGMENT);
    }

    /**
     * Writes the message cut into records.
     *
     * @param fragment how many bytes of the message each record holds; 1 to 16384
     * @return what goes over the wire
     */
    public byte[] records(int fragment) {
        return records(message(), fragment);
    }

    /**
     * Cuts any handshake bytes into records.
     *
     * @param message what the records hold
     * @param fragment how many bytes of it each record holds
     * @return what goes over the wire
     */
    public static byte[] records(byte[] message, int fragment) {
        ByteBuffer out = ByteBuffer.allocate(message.length + 5 * ((message.length + fragment - 1) / fragment));
        for (int from = 0; from < message.length; from += fragment) {
            int size = Math.min(fragment, message.length - from);
            out.put((byte) 22)
                    .put((byte) 3)
                    .put((byte) 1)
                    .putShort((short) size)
                    .put(message, from, size);
        }
        return out.array();
    }

    /**
     * Returns how long the message is.
     *
     * @return bytes, with its header of four
     */
    public int length() {
        return message().length;
    }

    /**
     * Adds padding (extension 21), so that the message has a given length.
     *
     * @param total the length of the message in bytes, up to about 65,000
     * @return a copy with one extension more
     */
    public ClientHelloBytes paddedTo(int total) {
        return extension(21, new byte[total - length() - HEADER]);
    }

    /** A valid point for x25519: any 32 bytes are one. */
    private static byte[] keyShare() {
        byte[] share = new byte[32];
        Arrays.fill(share, (byte) 9);
        return share;
    }

    private static byte[] vector16(byte[] body) {
        return concat(two(body.length), body);
    }

    private static byte[] two(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
