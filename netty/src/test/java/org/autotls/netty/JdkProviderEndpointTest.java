package org.autotls.netty;

import io.netty.handler.ssl.SslProvider;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;

/** A server that binds by itself, on the JDK's engine. */
class JdkProviderEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) {
        return NettyHttpServer.over(AutoTlsNetty.sslContext(autoTls, SslProvider.JDK, "h2", "http/1.1"));
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        return Optional.of(NettyHttpServer.plain(AutoTlsNetty.plainHttp(autoTls)));
    }

    @Override
    protected String serverName() {
        return "Netty";
    }
}
