package org.autotls.conscrypt;

import java.io.IOException;
import java.util.Optional;
import org.autotls.testkit.EngineServer;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;
import org.autotls.tls.AutoTlsContext;

/** Conscrypt under a server that uses SSLEngine as its Javadoc says, with an ALPN selector (as Jetty does). */
class ConscryptEngineServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() throws IOException {
        return new EngineServer(
                AutoTlsContext.create(index, name -> Optional.ofNullable(pending.get(name))), engine -> {
                    engine.setUseClientMode(false);
                    engine.setHandshakeApplicationProtocolSelector(
                            (ssl, offered) -> offered.contains("http/1.1") ? "http/1.1" : "");
                    return engine;
                });
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.CONSCRYPT;
    }
}
