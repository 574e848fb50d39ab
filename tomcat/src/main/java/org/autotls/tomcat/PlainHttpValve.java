package org.autotls.tomcat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.PlainHttpReply;

/** Answers every request that came without TLS as {@link PlainHttp} says. Safe for many threads. */
final class PlainHttpValve extends ValveBase {

    private final PlainHttp plainHttp;

    PlainHttpValve(PlainHttp plainHttp) {
        super(true);
        this.plainHttp = plainHttp;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (request.isSecure()) {
            getNext().invoke(request, response);
            return;
        }
        String host = request.getHeader("Host");
        String query = request.getQueryString();
        PlainHttpReply reply = plainHttp.answer(
                request.getMethod(),
                host == null ? "" : host,
                request.getRequestURI() + (query == null ? "" : "?" + query));
        response.setStatus(reply.status());
        reply.headers().forEach(response::setHeader);
        byte[] body = reply.body().getBytes(StandardCharsets.US_ASCII);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.finishResponse();
    }
}
