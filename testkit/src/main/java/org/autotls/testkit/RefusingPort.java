package org.autotls.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of 127.0.0.1 at which connections are refused for as long as this is open. A port on which a server has
 * listened does that, too, but only until the system gives it to another program.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class RefusingPort implements AutoCloseable {

    /** Bound, so that nobody else gets the port, and never listening. */
    private final Socket holder = new Socket();

    private RefusingPort() {}

    /**
     * Takes a free port.
     *
     * @return the port, held until it is closed
     * @throws UncheckedIOException if there is none
     */
    public static RefusingPort open() {
        RefusingPort port = new RefusingPort();
        try {
            port.holder.setReuseAddress(false); // else another that wants so could bind the port beside us, and listen
            port.holder.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            return port;
        } catch (IOException e) {
            port.close();
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns which port it is.
     *
     * @return its number
     */
    public int number() {
        return holder.getLocalPort();
    }

    /** Gives the port back. */
    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
