package org.autotls.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * The plainest server that can be made of an SSLEngine: one thread for each connection, and the loop of the Javadoc. Answers
 * the first bytes it gets and closes. Safe for many threads.
 */
public final class EngineServer implements TlsTestServer {

    private static final byte[] ANSWER = "HTTP/1.0 200 OK\r\n\r\nok\n".getBytes(StandardCharsets.US_ASCII);

    private final SSLContext context;
    private final UnaryOperator<SSLEngine> settings;
    private final ServerSocket listener;
    private final AtomicInteger conversations = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /**
     * Starts on a free port of the loopback address.
     *
     * @param context makes the engines
     * @param settings may change an engine before its handshake
     * @throws IOException if no port can be opened
     */
    public EngineServer(SSLContext context, UnaryOperator<SSLEngine> settings) throws IOException {
        this.context = context;
        this.settings = settings;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon("engine-server", this::accept);
    }

    private static void daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                daemon("engine-connection", () -> run(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void run(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            SSLEngine engine = settings.apply(context.createSSLEngine());
            try {
                converse(socket, engine);
            } catch (SSLException e) {
                wrapAll(socket, engine);
            }
        } catch (IOException e) {
            // the client is gone
            return;
        } finally {
            open.remove(socket);
        }
    }

    private void converse(Socket socket, SSLEngine engine) throws IOException {
        ByteBuffer in =
                ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).flip();
        ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        engine.beginHandshake();
        boolean told = false;
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                wrapAll(socket, engine);
            } else if (engine.isInboundDone() || engine.isOutboundDone()) {
                return;
            } else {
                if (status == HandshakeStatus.NOT_HANDSHAKING && !told) {
                    told = true;
                    conversations.incrementAndGet();
                }
                SSLEngineResult result = engine.unwrap(in, plain);
                if (result.getStatus() == Status.BUFFER_UNDERFLOW && !readMore(socket.getInputStream(), in)) {
                    return;
                }
                if (plain.position() > 0) {
                    answer(socket, engine);
                    return;
                }
            }
        }
    }

    private static boolean readMore(InputStream from, ByteBuffer in) throws IOException {
        in.compact();
        byte[] more = new byte[in.remaining()];
        int read = from.read(more);
        in.put(more, 0, Math.max(0, read)).flip();
        return read >= 0;
    }

    private static void wrapAll(Socket socket, SSLEngine engine) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize() + 4096);
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            out.clear();
            engine.wrap(ByteBuffer.allocate(0), out);
            socket.getOutputStream().write(out.array(), 0, out.position());
        }
    }

    private static void answer(Socket socket, SSLEngine engine) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.wrap(ANSWER), out);
        socket.getOutputStream().write(out.array(), 0, out.position());
        engine.closeOutbound();
        wrapAll(socket, engine);
    }

    @Override
    public int port() {
        return listener.getLocalPort();
    }

    @Override
    public int conversations() {
        return conversations.get();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
