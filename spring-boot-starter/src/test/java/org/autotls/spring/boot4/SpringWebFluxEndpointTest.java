package org.autotls.spring.boot4;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.responder.Http01Server;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;

/** Spring Boot 4 on Reactor Netty, with BoringSSL. */
class SpringWebFluxEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        return SpringServer.start(SpringServer.Kind.REACTOR_NETTY, autoTls);
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

    @Override
    protected int longestHello() {
        return 16 * 1024;
    }

    /** BoringSSL does not look at the second server name; the certificate stays that of the first. */
    @Override
    protected List<String> afterRetryWithAnotherName() {
        return List.of("SERVER_HELLO", "alert 112", "alert 47");
    }
}
