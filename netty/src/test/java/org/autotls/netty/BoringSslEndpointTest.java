package org.autotls.netty;

import io.netty.handler.ssl.SslProvider;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;

/** A server that binds by itself, on BoringSSL. */
class BoringSslEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws Exception {
        return NettyHttpServer.over(AutoTlsNetty.sslContext(autoTls, SslProvider.OPENSSL, "h2", "http/1.1"));
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        return Optional.of(NettyHttpServer.plain(AutoTlsNetty.plainHttp(autoTls)));
    }

    @Override
    protected String serverName() {
        return "Netty";
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }
}
