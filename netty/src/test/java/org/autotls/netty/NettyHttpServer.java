package org.autotls.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.autotls.testkit.TlsTestServer;

/** A server that binds by itself, as an application on Netty would. */
final class NettyHttpServer implements TlsTestServer {

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final HttpGreeting greeting = new HttpGreeting();
    private final Channel listener;

    private NettyHttpServer(Pipeline pipeline) {
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        pipeline.fill(channel, greeting);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /** What a connection's bytes go through. */
    private interface Pipeline {
        void fill(Channel channel, HttpGreeting greeting);
    }

    static NettyHttpServer over(SslContext tls) {
        return new NettyHttpServer(
                (channel, greeting) -> channel.pipeline().addLast(tls.newHandler(channel.alloc()), greeting));
    }

    static NettyHttpServer plain(ChannelHandler handler) {
        return new NettyHttpServer((channel, greeting) -> channel.pipeline().addLast(new HttpServerCodec(), handler));
    }

    @Override
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public int conversations() {
        return greeting.requests();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
