package org.autotls.vertx;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.netty.AutoTlsSslContext;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;

/** A server for any protocol, on the engine that is the default: {@link AutoTlsSslContext}'s BoringSSL. */
class VertxNetServerEndpointTest extends ServerEndpointContract {

    private static final String ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nHello there\n";

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws Exception {
        AtomicInteger conversations = new AtomicInteger();
        NetServerOptions options = AutoTlsVertx.endpoint(
                new NetServerOptions().setHost("127.0.0.1").setPort(0), autoTls);
        return new RunningVertx(
                conversations,
                vertx -> vertx.createNetServer(options)
                        .connectHandler(socket -> socket.handler(request -> {
                            conversations.incrementAndGet();
                            socket.end(Buffer.buffer(ANSWER));
                        }))
                        .listen()
                        .map(NetServer::actualPort));
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) throws Exception {
        return Optional.of(VertxContract.plain(autoTls));
    }

    @Override
    protected String serverName() {
        return "Hello there";
    }

    @Override
    protected List<String> protocols() {
        return List.of();
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }
}
