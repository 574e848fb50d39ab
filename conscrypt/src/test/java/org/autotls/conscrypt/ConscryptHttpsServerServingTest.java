package org.autotls.conscrypt;

import java.io.IOException;
import java.util.Optional;
import org.autotls.testkit.HttpsTestServer;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsTestServer;
import org.autotls.tls.AutoTlsContext;

/** Conscrypt under the JDK's HttpsServer, which knows no ALPN. */
class ConscryptHttpsServerServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() throws IOException {
        return new HttpsTestServer(AutoTlsContext.create(index, name -> Optional.ofNullable(pending.get(name))));
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
