package org.autotls.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Tomcat on the class path: this project's, and in a second run the oldest that is supported. */
class TomcatEndpointTest extends ServerEndpointContract {

    @TempDir
    static Path base;

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws Exception {
        Running running = new Running(base);
        return running.start(AutoTlsTomcat.endpoint(running.tomcat, autoTls));
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws Exception {
        Running running = new Running(base);
        running.tomcat.getEngine().getPipeline().addValve(AutoTlsTomcat.plainHttp(autoTls));
        return Optional.of(running.start(running.tomcat.getConnector()));
    }

    @Override
    protected String serverName() {
        return "Tomcat";
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    @Override
    protected boolean readsHellosItself() {
        return true;
    }

    @Test
    void version_isTheOneThatThisRunIsFor() {
        assertThat(ServerInfo.getServerNumber()).startsWith(System.getProperty("tomcat.expected"));
    }

    private static final class Running implements TlsTestServer {

        private final Tomcat tomcat = new Tomcat();
        private final AtomicInteger requests = new AtomicInteger();

        Running(Path base) throws IOException {
            tomcat.setBaseDir(Files.createTempDirectory(base, "tomcat").toString());
            Context context = tomcat.addContext("", null);
            Tomcat.addServlet(context, "greeting", new Greeting(requests)).addMapping("/*");
        }

        TlsTestServer start(Connector connector) throws LifecycleException {
            connector.setProperty("address", "127.0.0.1");
            connector.setPort(0);
            tomcat.start();
            return this;
        }

        @Override
        public int port() {
            return tomcat.getConnector().getLocalPort();
        }

        @Override
        public int conversations() {
            return requests.get();
        }

        @Override
        public void close() {
            try {
                tomcat.stop();
                tomcat.destroy();
            } catch (LifecycleException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class Greeting extends HttpServlet {

        private static final long serialVersionUID = 1;

        private final transient AtomicInteger requests;

        Greeting(AtomicInteger requests) {
            this.requests = requests;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            requests.incrementAndGet();
            response.getWriter().print("Hello from Tomcat\n");
        }
    }
}
