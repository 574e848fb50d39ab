package org.autotls.netty;

import io.netty.handler.ssl.SslProvider;
import java.util.List;
import java.util.Optional;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsTestServer;

class JdkProviderServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() {
        return new NettyTestServer(AutoTlsSslContext.builder(index, name -> Optional.ofNullable(pending.get(name)))
                .provider(SslProvider.JDK)
                .applicationProtocols(List.of("http/1.1"))
                .build());
    }
}
