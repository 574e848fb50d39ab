package org.autotls.cli;

import java.io.IOException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What a client is told of an error: its status, and what was wrong with the request; nothing of ours, such as a path. Stateless. */
final class ErrorPages extends ErrorHandler {

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback)
            throws IOException {
        boolean forClients = cause == null || cause instanceof HttpException;
        super.generateResponse(
                request, response, code, forClients ? message : HttpStatus.getMessage(code), null, callback);
    }

    @Override
    protected void generateCacheControl(Response response) {
        if (response.getStatus() != HttpStatus.NOT_MODIFIED_304) { // no error, though Jetty writes it like one
            super.generateCacheControl(response);
        }
    }
}
