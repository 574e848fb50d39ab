package org.autotls.helidon;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.spi.ServerFeature;
import java.util.function.Consumer;

/** Does something when the server's own listener has started and when it has stopped; adds nothing to its routing. */
record IssuingFeature(String name, Consumer<WebServer> started, Runnable stopped) implements ServerFeature {

    @Override
    public String type() {
        return "autotls";
    }

    @Override
    public void setup(ServerFeatureContext context) {
        if (!context.serverConfig().useNio()) {
            throw new IllegalArgumentException(
                    "useNio is false: Helidon then serves through SSLSocket, which cannot refuse unknown names or answer"
                            + " acme-tls/1; leave useNio at true");
        }
        context.socket(WebServer.DEFAULT_SOCKET_NAME).httpRouting().addFeature(new Lifecycle(this));
    }

    private record Lifecycle(IssuingFeature feature) implements HttpFeature {

        @Override
        public void setup(HttpRouting.Builder routing) {
            // no route
        }

        @Override
        public void afterStart(WebServer server) {
            feature.started.accept(server);
        }

        @Override
        public void afterStop() {
            feature.stopped.run();
        }
    }
}
