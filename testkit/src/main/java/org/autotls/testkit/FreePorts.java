package org.autotls.testkit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Ports for servers that must be told theirs before they start. They lie below the range that systems take the ports of outgoing
 * connections from, so that no connection made meanwhile holds one.
 *
 * <p>A port is this process's own until it ends, bound or not: it is given neither twice nor to another process of the same user
 * that asks here, unless the two differ in {@code java.io.tmpdir}, where a file that is never written to holds the reservations.
 * Programs that take their ports otherwise are not kept from it. When the process has ended, in whatever way, its ports can be
 * had again.
 *
 * <p>Where a server can bind port 0 and say what it got, that is safer still.
 *
 * <p><b>Threads.</b> Any.
 */
public final class FreePorts {

    static final int FIRST = 10_000;

    /** Linux takes the ports of outgoing connections from 32,768 on. */
    private static final int COUNT = 22_000;

    /** One for all of the process: see there. */
    static final PortReservations RESERVED = new PortReservations(file());

    /**
     * Each process starts elsewhere, to find a port soon, and not to get one of a process that has ended while a server that it
     * started still ends. That two may start at one place does no harm.
     */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7_919 % COUNT));

    private FreePorts() {}

    /**
     * Returns a port that nobody listens on, at any address for TCP, nor at 127.0.0.1 for UDP, and that is reserved for this
     * process from now on.
     *
     * @return the port
     * @throws IllegalStateException if there is none, or the file of reservations cannot be used
     */
    public static int next() {
        return next(NEXT);
    }

    /** As {@link #next()}, trying from a given place on. */
    static int next(AtomicInteger place) {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + Math.floorMod(place.getAndIncrement(), COUNT);
            if (RESERVED.take(port)) { // before it is tried: to try one is to bind it, and it may be another's
                if (isFree(port)) {
                    return port;
                }
                RESERVED.giveBack(port);
            }
        }
        throw new IllegalStateException("no port from " + FIRST + " to " + (FIRST + COUNT - 1) + " is free");
    }

    /** The file of reservations; each user has another, since nobody may use those of others. */
    static Path file() {
        String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
        return Path.of(System.getProperty("java.io.tmpdir"), ".autotls-free-ports-" + user);
    }

    /**
     * Returns several such ports, each another.
     *
     * @param count how many
     * @return the ports
     * @throws IllegalStateException if there are not as many, or the file of reservations cannot be used
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
