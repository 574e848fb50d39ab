package org.autotls.netty;

import java.net.InetSocketAddress;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.autotls.testkit.TlsTestServer;

/** A whole endpoint, on the provider that it chooses by itself. */
class ListeningEndpointTest extends BoringSslEndpointTest {

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws Exception {
        ListenAddress anyPort = new ListenAddress.Tcp(
                ListenAddress.Family.INET, "127.0.0.1", 0, ListenAddress.Tcp.DEFAULT_BACKLOG, false);
        HttpGreeting greeting = new HttpGreeting();
        AutoTlsEndpoint endpoint = AutoTlsNetty.endpoint(anyPort, autoTls).withApplicationProtocols("h2", "http/1.1");
        return new Listening(endpoint.listen(greeting).toCompletableFuture().get(), greeting);
    }

    private record Listening(ListeningPort listening, HttpGreeting greeting) implements TlsTestServer {

        @Override
        public int port() {
            return ((InetSocketAddress) listening.localAddress()).getPort();
        }

        @Override
        public int conversations() {
            return greeting.requests();
        }

        @Override
        public void close() {
            listening.close();
            listening.closed().toCompletableFuture().join();
        }
    }
}
