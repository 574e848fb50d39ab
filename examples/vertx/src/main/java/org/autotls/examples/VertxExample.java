package org.autotls.examples;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.vertx.AutoTlsVertx;

/** Vert.x: {@code VertxExample local:certs:tcp:8443 [NAME]...}. */
public final class VertxExample {

    private VertxExample() {}

    public static void main(String... arguments) {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        HttpServerOptions options = AutoTlsVertx.endpoint(new HttpServerOptions(), autoTls);
        Vertx.vertx()
                .createHttpServer(options)
                .requestHandler(request -> request.response()
                        .end("Hello from Vert.x over " + request.version().alpnName() + "\n"))
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }
}
