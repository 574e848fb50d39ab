package org.autotls.grpc;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.testkit.ServerEndpointContract;
import org.autotls.testkit.TlsTestServer;

/** The gRPC and the Netty on the class path. */
class GrpcEndpointTest extends ServerEndpointContract {

    @Override
    protected TlsTestServer start(AutoTls autoTls) throws IOException {
        return new GrpcTestServer(autoTls);
    }

    @Override
    protected Optional<TlsTestServer> startPlainHttp(AutoTls autoTls) {
        return Optional.empty();
    }

    /** A {@code GET} is answered with 415 and a reason; {@link GrpcCallsTest} makes calls. */
    @Override
    protected String serverName() {
        return "";
    }

    @Override
    protected List<String> protocols() {
        return List.of("h2");
    }

    @Override
    protected boolean seesPartialRecords() {
        return false;
    }

    @Override
    protected boolean cutsRecordsItself() {
        return true;
    }
}
