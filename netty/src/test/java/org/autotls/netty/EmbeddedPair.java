package org.autotls.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;

/** A server's pipeline and a client's, joined in memory; time stands still unless it is moved. One thread at a time. */
final class EmbeddedPair implements AutoCloseable {

    static final String TLS = "the TLS handler";

    final EmbeddedChannel server = new EmbeddedChannel();
    final EmbeddedChannel client = new EmbeddedChannel();
    final Heard heardByServer = new Heard();
    final Heard heardByClient = new Heard();

    EmbeddedPair(SslHandler serverTls, ChannelHandler clientTls) {
        server.freezeTime();
        server.pipeline().addLast(TLS, serverTls).addLast("application", heardByServer);
        client.pipeline().addLast(clientTls, heardByClient);
    }

    /** A server of what an index holds, and a client that trusts a CA and connects to a host. */
    static EmbeddedPair of(LiveIndex index, SslProvider provider, TestCa ca, String host) throws SSLException {
        return new EmbeddedPair(
                AutoTlsSslContext.builder(index, name -> Optional.empty())
                        .provider(provider)
                        .build()
                        .newHandler(ByteBufAllocator.DEFAULT),
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .trustManager(ca.root())
                        .build()
                        .newHandler(ByteBufAllocator.DEFAULT, host, 443));
    }

    /** What the end of a pipeline is told. */
    static final class Heard extends ChannelInboundHandlerAdapter {

        final List<Object> events = new ArrayList<>();
        final StringBuilder text = new StringBuilder();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            text.append(bytes.toString(US_ASCII));
            bytes.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause);
        }
    }

    /** Carries bytes to and fro until neither has more to say. */
    void run() {
        boolean more = true;
        while (more) {
            boolean asked = carry(client, server);
            more = carry(server, client) || asked;
        }
    }

    /** Carries only what the client has said so far. */
    void runClient() {
        carry(client, server);
    }

    private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        boolean any = false;
        for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            any |= bytes.isReadable();
            if (to.isOpen()) {
                to.writeInbound(bytes);
            } else {
                bytes.release();
            }
        }
        if (!from.isOpen() && to.isOpen()) {
            to.close();
        }
        return any;
    }

    @Override
    public void close() {
        server.finishAndReleaseAll();
        client.finishAndReleaseAll();
    }
}
