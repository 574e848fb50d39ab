package org.autotls.rfc2136;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports that nobody listened on a moment ago, for UDP and TCP, at 127.0.0.1 and 127.0.0.2. */
final class Loopback {

    private Loopback() {}

    static int freePort() {
        for (int i = 0; i < 20; i++) {
            try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                    ServerSocket other = new ServerSocket(tcp.getLocalPort(), 1, InetAddress.getByName("127.0.0.2"));
                    DatagramSocket udp = new DatagramSocket(new InetSocketAddress("127.0.0.1", tcp.getLocalPort()))) {
                return Math.max(udp.getLocalPort(), other.getLocalPort()); // they are the same
            } catch (IOException e) {
                if (i == 19) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        throw new AssertionError("no port is free");
    }
}
