package org.autotls.examples;

import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.jetty.AutoTlsJetty;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;

/** Jetty: {@code JettyExample local:certs:tcp:8443 [NAME]...}. */
public final class JettyExample {

    private JettyExample() {}

    public static void main(String... arguments) throws Exception {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        Server server = new Server();
        AutoTlsJetty.endpoint(server, autoTls);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                String protocol = request.getConnectionMetaData().getProtocol();
                Content.Sink.write(response, true, "Hello from Jetty over " + protocol + "\n", callback);
                return true;
            }
        });
        server.setStopAtShutdown(true);
        server.start();
    }
}
