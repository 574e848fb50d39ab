package org.autotls.netty;

import io.netty.handler.ssl.SslProvider;
import java.util.List;
import java.util.Optional;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsTestServer;

class BoringSslServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() {
        return new NettyTestServer(AutoTlsSslContext.builder(index, name -> Optional.ofNullable(pending.get(name)))
                .provider(SslProvider.OPENSSL)
                .applicationProtocols(List.of("http/1.1"))
                .build());
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
