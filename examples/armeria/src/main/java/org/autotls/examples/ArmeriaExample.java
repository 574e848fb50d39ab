package org.autotls.examples;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.Server;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.armeria.AutoTlsArmeria;

/** Armeria: {@code ArmeriaExample local:certs:tcp:8443 [NAME]...}. */
public final class ArmeriaExample {

    private ArmeriaExample() {}

    public static void main(String... arguments) {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        Server server = AutoTlsArmeria.endpoint(Server.builder(), autoTls)
                .serviceUnder("/", (context, request) -> {
                    String protocol = context.sessionProtocol().isMultiplex() ? "HTTP/2" : "HTTP/1.1";
                    return HttpResponse.of("Hello from Armeria over " + protocol + "\n");
                })
                .build();
        server.closeOnJvmShutdown();
        server.start().join();
    }
}
