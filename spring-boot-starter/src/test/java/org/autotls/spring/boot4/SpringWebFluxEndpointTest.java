package org.autotls.spring.boot4;

import org.autotls.spring.testkit.SpringEndpointContract;

/** Spring Boot 4 on Reactor Netty, with BoringSSL. */
class SpringWebFluxEndpointTest extends SpringEndpointContract.OnReactorNetty {

    SpringWebFluxEndpointTest() {
        super(new Boot4());
    }
}
