package org.autotls.examples;

import io.undertow.Undertow;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.undertow.AutoTlsUndertow;

/** Undertow: {@code UndertowExample local:certs:tcp:8443 [NAME]...}. */
public final class UndertowExample {

    private UndertowExample() {}

    public static void main(String... arguments) {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        AutoTlsUndertow.endpoint(Undertow.builder(), autoTls)
                .setHandler(exchange ->
                        exchange.getResponseSender().send("Hello from Undertow over " + exchange.getProtocol() + "\n"))
                .build()
                .start();
    }
}
