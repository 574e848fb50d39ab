package org.autotls.netty;

import io.netty.handler.ssl.SslProvider;
import java.util.List;
import java.util.Optional;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsEngine;
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
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }
}
