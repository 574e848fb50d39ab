package org.autotls.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.autotls.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection that ends at its deadline, however slowly the other side drips. One thread, but for the deadline. */
final class Dialed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Dialed.class);

    private final Socket socket;
    private final Scheduler.Cancellable deadline;

    private Dialed(Socket socket, Scheduler.Cancellable deadline) {
        this.socket = socket;
        this.deadline = deadline;
    }

    /**
     * Connects.
     *
     * @param limit for connecting, and again for all that follows
     */
    static Dialed open(InetAddress address, int port, Scheduler scheduler, Duration limit) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address, port), (int) limit.toMillis());
            socket.setSoTimeout((int) limit.toMillis());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new Dialed(socket, scheduler.schedule(limit, () -> closeQuietly(socket)));
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        deadline.cancel();
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing failed", e);
        }
    }
}
