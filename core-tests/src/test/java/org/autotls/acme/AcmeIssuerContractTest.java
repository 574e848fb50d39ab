package org.autotls.acme;

import java.time.Instant;
import org.autotls.Issuer;
import org.autotls.testkit.IssuerContract;
import org.junit.jupiter.api.AfterEach;

class AcmeIssuerContractTest extends IssuerContract {

    private final AcmeFixture fixture = new AcmeFixture();

    @Override
    protected Issuer issuer() {
        return fixture.issuer();
    }

    @Override
    protected Instant now() {
        return fixture.clock.instant();
    }

    @AfterEach
    void close() {
        fixture.close();
    }
}
