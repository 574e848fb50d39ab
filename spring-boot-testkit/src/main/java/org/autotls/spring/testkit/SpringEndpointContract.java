package org.autotls.spring.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.responder.Http01Server;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;

/** {@link ServerEndpointContract} for a line of Spring Boot: one of the classes below for each web server. */
public abstract class SpringEndpointContract extends ServerEndpointContract {

    private final SpringLine line;
    private final SpringLine.Kind kind;

    private SpringEndpointContract(SpringLine line, SpringLine.Kind kind) {
        this.line = line;
        this.kind = kind;
    }

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        return SpringServer.start(line, kind, autoTls);
    }

    /** What the property {@code autotls.http-port} opens, whichever the web server. */
    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws IOException {
        Http01Server server =
                Http01Server.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), autoTls.plainHttp());
        return Optional.of(new TlsTestServer() {
            @Override
            public int port() {
                return server.address().getPort();
            }

            @Override
            public int conversations() {
                return 0;
            }

            @Override
            public void close() {
                server.close();
            }
        });
    }

    @Override
    protected String serverName() {
        return "Spring Boot";
    }

    /** On Tomcat. */
    public abstract static class OnTomcat extends SpringEndpointContract {

        /**
         * Makes it.
         *
         * @param line of Spring Boot
         */
        protected OnTomcat(SpringLine line) {
            super(line, SpringLine.Kind.TOMCAT);
        }

        @Override
        protected boolean seesPartialRecords() {
            return false;
        }

        @Override
        protected boolean readsHellosItself() {
            return true;
        }
    }

    /** On Jetty. */
    public abstract static class OnJetty extends SpringEndpointContract {

        /**
         * Makes it.
         *
         * @param line of Spring Boot
         */
        protected OnJetty(SpringLine line) {
            super(line, SpringLine.Kind.JETTY);
        }

        @Override
        protected boolean seesPartialRecords() {
            return false;
        }
    }

    /** On Reactor Netty, with BoringSSL. */
    public abstract static class OnReactorNetty extends SpringEndpointContract {

        /**
         * Makes it.
         *
         * @param line of Spring Boot
         */
        protected OnReactorNetty(SpringLine line) {
            super(line, SpringLine.Kind.REACTOR_NETTY);
        }

        @Override
        protected TlsEngine engine() {
            return TlsEngine.BORINGSSL;
        }
    }
}
