package org.autotls.spring.boot4;

import org.autotls.spring.testkit.StarterContract;

/** Spring Boot 4. */
class StarterTest extends StarterContract {

    StarterTest() {
        super(new Boot4());
    }
}
