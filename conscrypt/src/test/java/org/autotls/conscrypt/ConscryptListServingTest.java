package org.autotls.conscrypt;

import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import org.autotls.testkit.EngineServer;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;
import org.autotls.tls.AutoTlsContext;

/** Conscrypt under a server that sets an ALPN list (as Tomcat and Undertow do). */
class ConscryptListServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() throws IOException {
        return new EngineServer(
                AutoTlsContext.create(index, name -> Optional.ofNullable(pending.get(name))), engine -> {
                    engine.setUseClientMode(false);
                    SSLParameters parameters = engine.getSSLParameters();
                    parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
                    engine.setSSLParameters(parameters);
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
