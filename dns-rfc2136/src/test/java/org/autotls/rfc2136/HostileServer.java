package org.autotls.rfc2136;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.autotls.testkit.FreePorts;

/** Answers DNS queries with whatever bytes a test makes of them, over UDP, and over TCP if the test says how. */
final class HostileServer implements AutoCloseable {

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    final AtomicInteger datagrams = new AtomicInteger();
    final AtomicInteger connections = new AtomicInteger();

    HostileServer(UnaryOperator<byte[]> overUdp, UnaryOperator<byte[]> overTcp) throws IOException {
        this("127.0.0.1", FreePorts.next(), overUdp, overTcp);
    }

    HostileServer(String host, int port, UnaryOperator<byte[]> overUdp, UnaryOperator<byte[]> overTcp)
            throws IOException {
        InetAddress loopback = InetAddress.getByName(host);
        udp = new DatagramSocket(port, loopback);
        tcp = new ServerSocket(port, 5, loopback);
        start(() -> serveUdp(overUdp));
        start(() -> serveTcp(overTcp));
    }

    InetSocketAddress address() {
        return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
    }

    private static void start(Runnable body) {
        Thread thread = new Thread(body, "hostile-dns");
        thread.setDaemon(true);
        thread.start();
    }

    private void serveUdp(UnaryOperator<byte[]> answer) {
        byte[] buffer = new byte[65_535];
        while (!udp.isClosed()) {
            try {
                DatagramPacket query = new DatagramPacket(buffer, buffer.length);
                udp.receive(query);
                datagrams.incrementAndGet();
                byte[] reply = answer.apply(Arrays.copyOf(query.getData(), query.getLength()));
                udp.send(new DatagramPacket(reply, reply.length, query.getSocketAddress()));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serveTcp(UnaryOperator<byte[]> answer) {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                connections.incrementAndGet();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] reply = answer.apply(in.readNBytes(in.readUnsignedShort()));
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(reply.length);
                out.write(reply);
                out.flush();
            } catch (IOException e) {
                if (tcp.isClosed()) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
