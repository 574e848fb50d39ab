package org.autotls.spring.boot3;

import org.autotls.spring.testkit.SpringEndpointContract;

/** Spring Boot 3.5 on Reactor Netty, with BoringSSL. */
class SpringWebFluxEndpointTest extends SpringEndpointContract.OnReactorNetty {

    SpringWebFluxEndpointTest() {
        super(new Boot3());
    }
}
