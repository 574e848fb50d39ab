package org.autotls.acme;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that says what a test tells it, byte by byte. Each connection has a thread of its own. */
final class RawServer implements AutoCloseable {

    /** What is said on one connection, which is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void run(Conversation conversation) throws IOException;
    }

    /** One connection. */
    record Conversation(Socket socket) {

        byte[] read(int bytes) throws IOException {
            return socket.getInputStream().readNBytes(bytes);
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }
    }

    private final ServerSocket listening;

    private RawServer(ServerSocket listening, Script script) {
        this.listening = listening;
        start(() -> {
            while (!listening.isClosed()) {
                Socket accepted = listening.accept();
                start(() -> {
                    try (accepted) {
                        script.run(new Conversation(accepted));
                    }
                });
            }
        });
    }

    /** Starts on a free port of the loopback address, without TLS. */
    static RawServer plain(Script script) throws IOException {
        return on(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    }

    /** Starts on a socket that listens already. */
    static RawServer on(ServerSocket listening, Script script) {
        return new RawServer(listening, script);
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        return; // the client, or the test, has gone
                    }
                },
                "raw-server");
        thread.setDaemon(true);
        thread.start();
    }
}
