package org.autotls.examples;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.util.concurrent.CompletionStage;
import org.autotls.netty.AutoTlsEndpoint;
import org.autotls.netty.ListeningPort;

/** An echo server on Netty from one line of configuration: {@code java NettyEchoServer local:certs:tcp:8443}. */
public final class NettyEchoServer {

    private NettyEchoServer() {}

    /**
     * Echoes what clients send, over TLS.
     *
     * @param arguments the endpoint string
     */
    public static void main(String... arguments) {
        listen(arguments[0])
                .toCompletableFuture()
                .join()
                .closed()
                .toCompletableFuture()
                .join();
    }

    static CompletionStage<ListeningPort> listen(String endpoint) {
        return AutoTlsEndpoint.parse(endpoint).listen(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Echo());
            }
        });
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }
}
