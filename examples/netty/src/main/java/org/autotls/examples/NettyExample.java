package org.autotls.examples;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.Arrays;
import org.autotls.netty.AutoTlsEndpoint;

/** Netty: {@code NettyExample local:certs:tcp:8443 [NAME]...}. */
public final class NettyExample {

    public static void main(String... arguments) {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTlsEndpoint endpoint = AutoTlsEndpoint.parse(arguments[0])
                .configure(autoTls -> autoTls.names(names).agreeToTerms(true));
        endpoint.listen(new Connections()).toCompletableFuture().join();
    }

    private static final class Connections extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new HttpServerCodec(), new SimpleChannelInboundHandler<HttpRequest>() {
                @Override
                protected void channelRead0(ChannelHandlerContext context, HttpRequest request) {
                    var answer = new DefaultFullHttpResponse(request.protocolVersion(), HttpResponseStatus.OK);
                    ByteBufUtil.writeAscii(answer.content(), "Hello from Netty over " + request.protocolVersion());
                    context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
                }
            });
        }
    }
}
