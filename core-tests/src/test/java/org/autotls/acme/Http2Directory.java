package org.autotls.acme;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;

/** A server that speaks just enough HTTP/2 (RFC 9113) to break each request off. */
final class Http2Directory implements AutoCloseable {

    /** How requests are broken off. */
    enum Mood {
        RESET,
        REFUSED,
        GO_AWAY,
        HEADERS_THEN_RESET,
        HEADERS_THEN_GO_AWAY_AND_CLOSE
    }

    private static final int PREFACE = 24;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final int INTERNAL_ERROR = 2;
    private static final int REFUSED_STREAM = 7;

    /** ":status: 200" in the static table of RFC 7541. */
    private static final byte[] STATUS_200 = {(byte) 0x88};

    private final AtomicInteger requests = new AtomicInteger();
    private final Mood mood;
    private final RawServer server;

    Http2Directory(SSLContext context, Mood mood) throws IOException {
        this.mood = mood;
        SSLServerSocket socket = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        server = RawServer.on(socket, this::converse);
    }

    URI url() {
        return URI.create("https://localhost:" + server.port() + "/directory");
    }

    int requests() {
        return requests.get();
    }

    private void converse(RawServer.Conversation conversation) throws IOException {
        conversation.read(PREFACE);
        conversation.write(frame(SETTINGS, 0, 0, new byte[0]));
        for (byte[] head = conversation.read(9); head.length == 9; head = conversation.read(9)) {
            ByteBuffer frame = ByteBuffer.wrap(head);
            int length = frame.getInt() >>> 8;
            int type = head[3];
            boolean ack = (head[4] & ACK) != 0;
            int stream = frame.getInt(5);
            conversation.read(length);
            if (type == SETTINGS && !ack) {
                conversation.write(frame(SETTINGS, ACK, 0, new byte[0]));
            }
            if (type == HEADERS) {
                requests.incrementAndGet();
                breakOff(conversation, stream);
                if (mood == Mood.HEADERS_THEN_GO_AWAY_AND_CLOSE) {
                    return;
                }
            }
        }
    }

    private void breakOff(RawServer.Conversation conversation, int stream) throws IOException {
        if (mood == Mood.HEADERS_THEN_RESET || mood == Mood.HEADERS_THEN_GO_AWAY_AND_CLOSE) {
            conversation.write(frame(HEADERS, END_HEADERS, stream, STATUS_200));
        }
        switch (mood) {
            case RESET, HEADERS_THEN_RESET -> conversation.write(frame(RST_STREAM, 0, stream, code(INTERNAL_ERROR)));
            case REFUSED -> conversation.write(frame(RST_STREAM, 0, stream, code(REFUSED_STREAM)));
            case GO_AWAY, HEADERS_THEN_GO_AWAY_AND_CLOSE ->
                conversation.write(frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).array()));
        }
    }

    private static byte[] code(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
