package org.autotls.examples;

import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.reactornetty.AutoTlsReactorNetty;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServer;

/** Reactor Netty: {@code ReactorNettyExample local:certs:tcp:8443 [NAME]...}. */
public final class ReactorNettyExample {

    private ReactorNettyExample() {}

    public static void main(String... arguments) {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        AutoTlsReactorNetty.endpoint(HttpServer.create(), autoTls)
                .handle((request, response) ->
                        response.sendString(Mono.just("Hello from Reactor Netty over " + request.protocol() + "\n")))
                .bindNow()
                .onDispose()
                .block();
    }
}
