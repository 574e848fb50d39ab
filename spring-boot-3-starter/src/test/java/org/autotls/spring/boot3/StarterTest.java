package org.autotls.spring.boot3;

import org.autotls.spring.testkit.StarterContract;

/** Spring Boot 3.5. */
class StarterTest extends StarterContract {

    StarterTest() {
        super(new Boot3());
    }
}
