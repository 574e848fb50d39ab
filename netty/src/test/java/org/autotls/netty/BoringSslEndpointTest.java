package org.autotls.netty;

import io.netty.handler.ssl.SslProvider;
import java.util.List;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
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
    protected int longestHello() {
        return 16 * 1024;
    }

    /** BoringSSL does not look at the second server name; the certificate stays that of the first. */
    @Override
    protected List<String> afterRetryWithAnotherName() {
        return List.of("SERVER_HELLO", "alert 112", "alert 47");
    }
}
