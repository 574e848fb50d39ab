package org.autotls.undertow;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.PlainHttpReply;

/** Answers every request as {@link PlainHttp} says. Safe for many threads. */
final class PlainHttpHandler implements HttpHandler {

    private final PlainHttp plainHttp;

    PlainHttpHandler(PlainHttp plainHttp) {
        this.plainHttp = plainHttp;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        PlainHttpReply reply =
                plainHttp.answer(exchange.getRequestMethod().toString(), host == null ? "" : host, target(exchange));
        exchange.setStatusCode(reply.status());
        reply.headers().forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        exchange.getResponseSender().send(reply.body());
    }

    private static String target(HttpServerExchange exchange) {
        // The absolute form (RFC 9112 §3.2.2) repeats what the Host header says.
        String path = exchange.getRequestURI().replaceFirst("^[A-Za-z]+://[^/]*", "");
        String query = exchange.getQueryString();
        return query.isEmpty() ? path : path + "?" + query;
    }
}
