package org.autotls.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

/** The Jetty on the class path. */
class JettyEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws Exception {
        Server server = new Server();
        Greeting greeting = new Greeting();
        server.setHandler(greeting);
        return new Running(server, AutoTlsJetty.endpoint(server, autoTls), greeting);
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws Exception {
        Server server = new Server();
        server.setHandler(AutoTlsJetty.plainHttp(autoTls));
        ServerConnector connector = new ServerConnector(server);
        server.addConnector(connector);
        return Optional.of(new Running(server, connector, new Greeting()));
    }

    @Override
    protected String serverName() {
        return "Jetty";
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    /** The build says which version it means to test; elsewhere any will do. */
    @Test
    void version_isTheOneThatTheBuildMeans() {
        assertThat(Server.getVersion()).isEqualTo(System.getProperty("autotls.test.version", Server.getVersion()));
    }

    private static final class Greeting extends Handler.Abstract {

        private final AtomicInteger requests = new AtomicInteger();

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            requests.incrementAndGet();
            Content.Sink.write(response, true, "Hello from Jetty\n", callback);
            return true;
        }
    }

    private record Running(Server server, ServerConnector connector, Greeting greeting) implements TlsTestServer {

        Running {
            connector.setHost("127.0.0.1");
            connector.setPort(0);
            try {
                server.start();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public int port() {
            return connector.getLocalPort();
        }

        @Override
        public int conversations() {
            return greeting.requests.get();
        }

        @Override
        public void close() {
            try {
                server.stop();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
