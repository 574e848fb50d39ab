package org.autotls.tls;

import java.io.IOException;
import java.util.Optional;
import org.autotls.testkit.HttpsTestServer;
import org.autotls.testkit.ServingContract;
import org.autotls.testkit.TlsTestServer;

/** The drop-in context under the JDK's HttpsServer, which knows no ALPN. */
class HttpsServerServingTest extends ServingContract {

    @Override
    protected TlsTestServer start() throws IOException {
        return new HttpsTestServer(AutoTlsContext.create(index, name -> Optional.ofNullable(pending.get(name))));
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }
}
