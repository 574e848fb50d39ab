package org.autotls.grpc;

import io.grpc.Attributes;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.TlsTestServer;

/** Counts the connections that gRPC takes for its own. */
final class GrpcTestServer implements TlsTestServer {

    private static final int STOP_SECONDS = 10;

    private final AtomicInteger connections = new AtomicInteger();
    private final Server server;

    GrpcTestServer(AutoTls autoTls) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(anyPort());
        server = AutoTlsGrpc.endpoint(builder, autoTls)
                .addService(Greeter.service())
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        connections.incrementAndGet();
                        return attributes;
                    }
                })
                .build()
                .start();
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public int port() {
        return server.getPort();
    }

    @Override
    public int conversations() {
        return connections.get();
    }

    @Override
    public void close() {
        try {
            server.shutdownNow().awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
