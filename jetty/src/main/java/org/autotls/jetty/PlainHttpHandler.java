package org.autotls.jetty;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.PlainHttpReply;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers every request as {@link PlainHttp} says. Safe for many threads. */
final class PlainHttpHandler extends Handler.Abstract.NonBlocking {

    private final PlainHttp plainHttp;

    PlainHttpHandler(PlainHttp plainHttp) {
        this.plainHttp = plainHttp;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        PlainHttpReply reply = plainHttp.answer(
                request.getMethod(),
                host == null ? "" : host,
                request.getHttpURI().getPathQuery());
        response.setStatus(reply.status());
        reply.headers().forEach(response.getHeaders()::put);
        response.write(true, ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.US_ASCII)), callback);
        return true;
    }
}
