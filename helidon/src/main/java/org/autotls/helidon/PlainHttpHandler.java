package org.autotls.helidon;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.PlainHttpReply;

/** Answers every request as {@link PlainHttp} says. Safe for many threads. */
final class PlainHttpHandler implements Handler {

    private final PlainHttp plainHttp;

    PlainHttpHandler(PlainHttp plainHttp) {
        this.plainHttp = plainHttp;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String query = request.query().rawValue();
        PlainHttpReply reply = plainHttp.answer(
                request.prologue().method().text(),
                request.authority(),
                request.path().rawPath() + (query.isEmpty() ? "" : "?" + query));
        response.status(Status.create(reply.status(), reply.reason()));
        reply.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
        if (request.prologue().method().equals(Method.HEAD)) {
            response.send(); // what else is sent would be the answer to the next request
        } else {
            response.send(reply.body().getBytes(StandardCharsets.US_ASCII));
        }
    }
}
