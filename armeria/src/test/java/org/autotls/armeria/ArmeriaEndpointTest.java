package org.autotls.armeria;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;

/** The Armeria on the class path, on BoringSSL. */
class ArmeriaEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        AtomicInteger requests = new AtomicInteger();
        HttpService greeting = (context, request) -> {
            requests.incrementAndGet();
            return HttpResponse.of("Hello from Armeria\n");
        };
        return new Running(AutoTlsArmeria.endpoint(builder(greeting), autoTls), requests);
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        return Optional.of(new Running(builder(AutoTlsArmeria.plainHttp(autoTls)), new AtomicInteger()));
    }

    private static ServerBuilder builder(HttpService service) {
        return Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .serviceUnder("/", service);
    }

    @Override
    protected String serverName() {
        return "Armeria";
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }

    private record Running(Server server, AtomicInteger requests) implements TlsTestServer {

        Running(ServerBuilder builder, AtomicInteger requests) {
            this(builder.build(), requests);
            server.start().join();
        }

        @Override
        public int port() {
            return server.activeLocalPort();
        }

        @Override
        public int conversations() {
            return requests.get();
        }

        @Override
        public void close() {
            server.stop().join();
        }
    }
}
