package org.autotls.conscrypt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.autotls.testkit.TestCa;
import org.autotls.testkit.TlsProbe;

/** A client engine of the JDK and a server engine, joined by buffers of the size that the server engine names. */
final class Conversation {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    final SSLEngine client;
    final SSLEngine server;

    private final ByteBuffer plain = ByteBuffer.allocate(1 << 16);
    private ByteBuffer atClient = ByteBuffer.allocate(0);
    private ByteBuffer atServer = ByteBuffer.allocate(0);

    Conversation(SSLEngine client, SSLEngine server) {
        this.client = client;
        this.server = server;
        server.setUseClientMode(false);
    }

    static SSLEngine client(SSLContext context, String name, Consumer<SSLParameters> settings) {
        SSLEngine client = context.createSSLEngine(name.isEmpty() ? "127.0.0.1" : name, 443);
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
        settings.accept(parameters);
        client.setSSLParameters(parameters);
        return client;
    }

    static SSLContext trusting(TestCa ca) {
        return TlsProbe.trusting(ca.root());
    }

    static SSLContext context(TrustManager trust, KeyManager... keys) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {trust}, null);
        return context;
    }

    /** Carries records from one end to the other until neither has anything to say. */
    Conversation handshake() throws SSLException {
        client.beginHandshake();
        server.beginHandshake();
        settle();
        return this;
    }

    void settle() throws SSLException {
        boolean moved = true;
        while (moved) {
            moved = send(client, server);
            moved |= send(server, client);
        }
    }

    private boolean send(SSLEngine from, SSLEngine to) throws SSLException {
        run(from);
        boolean moved = arrive(NOTHING.duplicate(), from); // what had to wait until this end had said something
        while (from.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            ByteBuffer wire = ByteBuffer.allocate(server.getSession().getPacketBufferSize());
            if (from.wrap(NOTHING, wire).getStatus() == Status.BUFFER_OVERFLOW) {
                throw new IllegalStateException("does not fit into the packet size that the engine names: " + from);
            }
            moved |= wire.position() > 0;
            arrive(wire.flip(), to);
            run(from);
        }
        return moved;
    }

    /** A piece may end within a record; the rest of it comes with the next one. */
    private boolean arrive(ByteBuffer wire, SSLEngine to) throws SSLException {
        ByteBuffer kept = to == client ? atClient : atServer;
        ByteBuffer all = ByteBuffer.allocate(kept.remaining() + wire.remaining())
                .put(kept)
                .put(wire)
                .flip();
        int before = all.remaining();
        boolean moved = true;
        while (moved && all.hasRemaining()) {
            SSLEngineResult result = to.unwrap(all, plain);
            run(to);
            moved = result.bytesConsumed() > 0 && result.getStatus() == Status.OK;
        }
        if (to == client) {
            atClient = all;
        } else {
            atServer = all;
        }
        return all.remaining() < before;
    }

    private static void run(SSLEngine engine) {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Sends a text, and returns what has arrived in all. */
    String say(SSLEngine from, String text) throws SSLException {
        ByteBuffer wire = ByteBuffer.allocate(1 << 15);
        from.wrap(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), wire);
        arrive(wire.flip(), from == client ? server : client);
        return new String(plain.array(), 0, plain.position(), StandardCharsets.US_ASCII);
    }

    /** Tells which engine serves. */
    boolean isConscrypt() {
        return server.toString().contains("Conscrypt");
    }
}
