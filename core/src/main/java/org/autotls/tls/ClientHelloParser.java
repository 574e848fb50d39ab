package org.autotls.tls;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the body of one ClientHello message (RFC 8446 §4.1.2). One use, one thread.
 *
 * <p>Stricter than the engines on purpose: where two readers could understand one message differently, this one refuses, so
 * that the certificate chosen here is the one of the name that the engine sees. (JDK 25 takes the last of two server_name
 * extensions, JDK 17 refuses them.)
 */
final class ClientHelloParser {

    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int ALPN = 16;
    private static final int SESSION_TICKET = 35;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int HOST_NAME = 0;
    private static final int MESSAGE_HEADER = 4;
    private static final int VERSION_AND_RANDOM = 2 + 32;
    private static final int MAX_SESSION_ID = 32;
    private static final short TLS_1_3 = 0x0304;
    private static final short TLS_1_2 = 0x0303;

    private final SignatureOffer signatures = new SignatureOffer();

    private Optional<String> serverName = Optional.empty();
    private List<String> applicationProtocols = List.of();
    private boolean tls13;
    private boolean tickets;

    private ClientHelloParser() {}

    static Peek parse(ByteBuffer body) {
        ClientHelloParser parser = new ClientHelloParser();
        int length = MESSAGE_HEADER + body.remaining();
        try {
            parser.read(body);
        } catch (Malformed e) {
            return new Peek.Refused(e.alert, e.reason);
        } catch (BufferUnderflowException e) {
            return new Peek.Refused(TlsAlert.DECODE_ERROR, "the ClientHello is shorter than its lengths say");
        }
        return new Peek.Hello(new ClientHello(
                parser.serverName,
                parser.applicationProtocols,
                parser.tls13,
                parser.tickets,
                parser.signatures.keys(),
                length));
    }

    private void read(ByteBuffer body) throws Malformed {
        take(body, VERSION_AND_RANDOM);
        require(vector8(body).remaining() <= MAX_SESSION_ID, "its session id is too long");
        ByteBuffer suites = vector16(body);
        require(suites.remaining() >= 2 && suites.remaining() % 2 == 0, "its list of cipher suites is odd or empty");
        while (suites.hasRemaining()) {
            signatures.cipherSuite(suites.getShort() & 0xffff);
        }
        require(vector8(body).hasRemaining(), "it lists no compression method");
        if (!body.hasRemaining()) {
            return; // extensions were optional before TLS 1.3
        }
        ByteBuffer extensions = vector16(body);
        require(!body.hasRemaining(), "bytes follow its extensions");
        Set<Short> seen = new HashSet<>();
        while (extensions.hasRemaining()) {
            short type = extensions.getShort();
            if (!seen.add(type)) {
                throw new Malformed(TlsAlert.ILLEGAL_PARAMETER, "extension " + (type & 0xffff) + " comes twice");
            }
            extension(type & 0xffff, vector16(extensions));
        }
    }

    private void extension(int type, ByteBuffer body) throws Malformed {
        switch (type) {
            case SERVER_NAME -> serverName(body);
            case ALPN -> applicationProtocols(body);
            case SESSION_TICKET -> tickets = true;
            case SUPPORTED_VERSIONS -> supportedVersions(body);
            case SIGNATURE_ALGORITHMS -> signatures.schemes(shorts(body, "its signature_algorithms list is wrong"));
            case SUPPORTED_GROUPS -> signatures.groups(shorts(body, "its supported_groups list is wrong"));
            default -> {}
        }
    }

    private void serverName(ByteBuffer body) throws Malformed {
        ByteBuffer names = vector16(body);
        require(!body.hasRemaining() && names.hasRemaining(), "its server_name list is empty or its length is wrong");
        while (names.hasRemaining()) {
            int type = names.get() & 0xff;
            ByteBuffer name = vector16(names);
            require(name.hasRemaining(), "its server name is empty");
            if (type == HOST_NAME) {
                if (serverName.isPresent()) {
                    throw new Malformed(TlsAlert.ILLEGAL_PARAMETER, "it holds two server names");
                }
                serverName = Optional.of(text(name));
            }
        }
    }

    private void applicationProtocols(ByteBuffer body) throws Malformed {
        ByteBuffer names = vector16(body);
        require(!body.hasRemaining() && names.hasRemaining(), "its ALPN list is empty or its length is wrong");
        List<String> found = new ArrayList<>(2);
        while (names.hasRemaining()) {
            ByteBuffer name = vector8(names);
            require(name.hasRemaining(), "it offers an empty protocol name");
            found.add(text(name));
        }
        applicationProtocols = found;
    }

    private void supportedVersions(ByteBuffer body) throws Malformed {
        ByteBuffer versions = vector8(body);
        require(!body.hasRemaining() && versions.remaining() % 2 == 0, "its supported_versions list is wrong");
        boolean tls12 = false;
        while (versions.hasRemaining()) {
            short version = versions.getShort();
            tls13 |= version == TLS_1_3;
            tls12 |= version == TLS_1_2;
        }
        signatures.versions(tls13, tls12);
    }

    private static ByteBuffer shorts(ByteBuffer body, String otherwise) throws Malformed {
        ByteBuffer list = vector16(body);
        require(!body.hasRemaining() && list.remaining() % 2 == 0, otherwise);
        return list;
    }

    private static ByteBuffer vector8(ByteBuffer from) {
        return take(from, from.get() & 0xff);
    }

    private static ByteBuffer vector16(ByteBuffer from) {
        return take(from, from.getShort() & 0xffff);
    }

    private static ByteBuffer take(ByteBuffer from, int length) {
        if (from.remaining() < length) {
            throw new BufferUnderflowException();
        }
        ByteBuffer taken = from.slice(from.position(), length);
        from.position(from.position() + length);
        return taken;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }

    private static void require(boolean condition, String reason) throws Malformed {
        if (!condition) {
            throw new Malformed(TlsAlert.DECODE_ERROR, reason);
        }
    }

    /** A message that is refused. Carries no stack trace: anyone can provoke it at any rate. */
    private static final class Malformed extends Exception {

        private static final long serialVersionUID = 1;

        private final TlsAlert alert;
        private final String reason;

        Malformed(TlsAlert alert, String reason) {
            super(reason, null, false, false);
            this.alert = alert;
            this.reason = reason;
        }
    }
}
