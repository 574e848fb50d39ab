package org.autotls.tls;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Collects the ClientHello at the start of a connection from any number of TCP segments and TLS records, and gives it back
 * as records for the engine that will serve the connection.
 *
 * <p>At most 32 KiB are kept (the limit of the JDK's own engine), and the buffer grows with the bytes that have come, never
 * with a length that the client claims. A message that claims more is refused at once. Each byte is looked at once, however
 * finely the client cuts.
 *
 * <p><b>Threads.</b> One connection, one thread at a time.
 */
public final class ClientHelloReader {

    /** The most that a ClientHello may hold, in bytes, with its 4-byte header. */
    public static final int MAX_MESSAGE = 32 * 1024;

    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int MAX_FRAGMENT = 1 << 14;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int FIRST_GROWTH = 1024;
    private static final Peek INCOMPLETE = new Peek.Incomplete();

    private final byte[] header = new byte[RECORD_HEADER];
    private int headerLength;
    private int fragmentLeft;
    private byte minorVersion;
    private byte[] message = new byte[0];
    private int length;
    private Peek outcome = INCOMPLETE;

    /** Makes a reader for a connection from which nothing has been read. */
    public ClientHelloReader() {}

    /**
     * Takes bytes up to the end of the ClientHello; those after it stay in {@code source}.
     *
     * @param source what has arrived; its position moves
     * @return what the bytes so far are; once it is not {@link Peek.Incomplete} it no longer changes
     */
    public Peek read(ByteBuffer source) {
        while (outcome == INCOMPLETE && source.hasRemaining()) {
            outcome = fragmentLeft > 0 ? readFragment(source) : readHeader(source);
        }
        return outcome;
    }

    /**
     * Returns the message in records of at most 2^14 bytes, however the client had cut it: the transcript that both sides
     * hash has no record boundaries in it (RFC 8446 §4.4.1).
     *
     * @return a new buffer, ready to be read
     * @throws IllegalStateException if {@link #read} has not yet returned a {@link Peek.Hello}
     */
    public ByteBuffer records() {
        if (!(outcome instanceof Peek.Hello)) {
            throw new IllegalStateException("no ClientHello has been read: " + outcome);
        }
        int count = (length + MAX_FRAGMENT - 1) / MAX_FRAGMENT;
        ByteBuffer records = ByteBuffer.allocate(length + count * RECORD_HEADER);
        for (int from = 0; from < length; from += MAX_FRAGMENT) {
            int size = Math.min(MAX_FRAGMENT, length - from);
            records.put((byte) HANDSHAKE).put((byte) 3).put(minorVersion).putShort((short) size);
            records.put(message, from, size);
        }
        return records.flip();
    }

    private Peek readHeader(ByteBuffer source) {
        header[headerLength++] = source.get();
        if (header[0] != HANDSHAKE || (headerLength > 1 && header[1] != 3)) {
            return new Peek.Refused(TlsAlert.UNEXPECTED_MESSAGE, "what came is not TLS, or does not begin a handshake");
        }
        if (headerLength < RECORD_HEADER) {
            return INCOMPLETE;
        }
        headerLength = 0;
        minorVersion = header[2];
        fragmentLeft = ((header[3] & 0xff) << 8) | (header[4] & 0xff);
        if (fragmentLeft == 0) { // forbidden by RFC 8446 §5.1, and a way to keep us busy for nothing
            return new Peek.Refused(TlsAlert.UNEXPECTED_MESSAGE, "a handshake record is empty");
        }
        if (fragmentLeft > MAX_FRAGMENT) {
            return new Peek.Refused(TlsAlert.RECORD_OVERFLOW, "a record is longer than 16384 bytes");
        }
        return INCOMPLETE;
    }

    private Peek readFragment(ByteBuffer source) {
        int wanted = length < MESSAGE_HEADER ? MESSAGE_HEADER - length : claimed() - length;
        int size = Math.min(Math.min(wanted, fragmentLeft), source.remaining());
        if (length + size > message.length) {
            message = Arrays.copyOf(message, Math.max(length + size, Math.min(grown(), MAX_MESSAGE)));
        }
        source.get(message, length, size);
        length += size;
        fragmentLeft -= size;
        return length < MESSAGE_HEADER ? checkType() : checkEnd();
    }

    private int grown() {
        return Math.max(FIRST_GROWTH, message.length * 2);
    }

    private Peek checkType() {
        return message[0] == CLIENT_HELLO ? INCOMPLETE : notClientHello();
    }

    private Peek checkEnd() {
        if (message[0] != CLIENT_HELLO) {
            return notClientHello();
        }
        if (claimed() > MAX_MESSAGE) {
            return new Peek.Refused(TlsAlert.ILLEGAL_PARAMETER, "the ClientHello claims more than 32 KiB");
        }
        if (length < claimed()) {
            return INCOMPLETE;
        }
        if (fragmentLeft > 0) { // the next message is the server's
            return new Peek.Refused(TlsAlert.UNEXPECTED_MESSAGE, "something follows the ClientHello in its record");
        }
        return ClientHelloParser.parse(ByteBuffer.wrap(message, MESSAGE_HEADER, length - MESSAGE_HEADER));
    }

    private static Peek notClientHello() {
        return new Peek.Refused(TlsAlert.UNEXPECTED_MESSAGE, "the first handshake message is not a ClientHello");
    }

    private int claimed() {
        return MESSAGE_HEADER + (((message[1] & 0xff) << 16) | ((message[2] & 0xff) << 8) | (message[3] & 0xff));
    }
}
