package org.autotls.armeria;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import org.junit.jupiter.api.Test;

/** Which Armeria the other tests are about. */
class ArmeriaVersionTest {

    @Test
    void version_isTheOneThatThePomSays() {
        assertThat(Server.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .endsWith("/armeria-" + System.getProperty("armeria.expected") + ".jar");
    }
}
