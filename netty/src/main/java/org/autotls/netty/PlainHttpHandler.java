package org.autotls.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.PlainHttpReply;

/** Answers every request as {@link PlainHttp} says; what else a client sends is dropped. Safe for many threads. */
@Sharable
final class PlainHttpHandler extends SimpleChannelInboundHandler<HttpObject> {

    private final PlainHttp plainHttp;

    PlainHttpHandler(PlainHttp plainHttp) {
        this.plainHttp = plainHttp;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (message instanceof HttpRequest request) {
            answer(ctx, request);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest request) {
        boolean readable = request.decoderResult().isSuccess();
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        PlainHttpReply reply = plainHttp.answer(request.method().name(), host, readable ? request.uri() : "");
        FullHttpResponse response = response(reply, request.method().equals(HttpMethod.HEAD));
        boolean keepAlive = readable && HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response.headers(), request.protocolVersion(), keepAlive);
        var written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static FullHttpResponse response(PlainHttpReply reply, boolean withoutBody) {
        byte[] body = reply.body().getBytes(StandardCharsets.US_ASCII);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(reply.status()),
                withoutBody ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        reply.headers().forEach(response.headers()::set);
        HttpUtil.setContentLength(response, body.length);
        return response;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // a client that resets its connection is no news
    }
}
