package org.autotls.tls;

import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.autotls.testkit.EngineServer;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsTestServer;

/** The drop-in context under a server that uses SSLEngine as its Javadoc says, with an ALPN selector (as Jetty does). */
class EngineServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() throws IOException {
        return new EngineServer(
                AutoTlsContext.create(index, name -> Optional.ofNullable(pending.get(name))),
                EngineServingTest::configure);
    }

    private static SSLEngine configure(SSLEngine engine) {
        engine.setUseClientMode(false);
        engine.setHandshakeApplicationProtocolSelector(
                (ssl, offered) -> offered.contains("http/1.1") ? "http/1.1" : "");
        return engine;
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }
}
