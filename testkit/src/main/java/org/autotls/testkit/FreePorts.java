package org.autotls.testkit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Ports for servers that must be told theirs before they start. They lie below the range that systems take the ports of outgoing
 * connections from, so that no connection made meanwhile holds one, and no port is given twice until all have been.
 *
 * <p>Where a server can bind port 0 and say what it got, that is safer still.
 *
 * <p><b>Threads.</b> Any.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;

    /** Linux takes the ports of outgoing connections from 32,768 on. */
    private static final int COUNT = 22_000;

    /** Processes that run side by side start at places far from each other; the factor has none in common with the count. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7_919 % COUNT));

    private FreePorts() {}

    /**
     * Returns a port that nobody listens on, at any address for TCP, nor at 127.0.0.1 for UDP.
     *
     * @return the port
     * @throws IllegalStateException if there is none
     */
    public static int next() {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port from " + FIRST + " to " + (FIRST + COUNT - 1) + " is free");
    }

    /**
     * Returns several such ports, each another.
     *
     * @param count how many
     * @return the ports
     * @throws IllegalStateException if there are not as many
     */
    public static List<Integer> next(int count) {
        return Stream.generate(FreePorts::next).limit(count).toList();
    }

    private static boolean isFree(int port) {
        try (ServerSocket any = new ServerSocket(port, 1);
                DatagramSocket udp = new DatagramSocket(new InetSocketAddress("127.0.0.1", port))) {
            return any.isBound() && udp.isBound();
        } catch (IOException e) {
            return false; // somebody's
        }
    }
}
