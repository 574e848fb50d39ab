package org.autotls.examples;

import io.helidon.webserver.WebServer;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.helidon.AutoTlsHelidon;

/** Helidon: {@code HelidonExample local:certs:tcp:8443 [NAME]...}. */
public final class HelidonExample {

    private HelidonExample() {}

    public static void main(String... arguments) {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        AutoTlsHelidon.endpoint(WebServer.builder(), autoTls)
                .routing(routing -> routing.get(
                        "/",
                        (request, response) -> response.send(
                                "Hello from Helidon over " + request.prologue().protocol() + "/"
                                        + request.prologue().protocolVersion() + "\n")))
                .build()
                .start();
    }
}
