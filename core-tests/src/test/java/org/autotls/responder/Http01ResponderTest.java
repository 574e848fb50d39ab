package org.autotls.responder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.Responder;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.ResponderContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Http01ResponderTest extends ResponderContract {

    private static final String PATH = "/.well-known/acme-challenge/token-1";

    private final ManualClock clock = new ManualClock();
    private final Http01Responder responder = new Http01Responder(clock);

    @Override
    protected Responder responder() {
        return responder;
    }

    @Override
    protected boolean isAnswered(Responder any, Challenge challenge) {
        String path = Http01Responder.PATH_PREFIX + challenge.token();
        return isKeyAuthorization(responder.answer(challenge.identifier().value(), path), challenge);
    }

    @Override
    protected boolean passLifetime() {
        clock.advance(Duration.ofHours(1));
        return true;
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.example", "A.EXAMPLE", "a.example:80", "a.example.", "a.example:"})
    void K3_sameHostInOtherClothes_isAnswered(String host) {
        present("a.example");
        assertThat(responder.answer(host, PATH)).contains("token-1.thumbprint-of-a-test");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"b.example", "", "x.a.example", "a.example:80:80", "a.example@evil", "a.example\r\nX: y", "[::1]"
            })
    void K3_otherHost_isNot(String host) {
        present("a.example");
        assertThat(responder.answer(host, PATH)).isEmpty();
    }

    @Test
    void K3_addresses_areAnswered() {
        present("192.0.2.1");
        assertThat(responder.answer("192.0.2.1:5002", PATH)).isPresent();
        responder.present(challenge(responder, Identifier.of("2001:db8::1"), "token-2"));
        assertThat(responder.answer("[2001:DB8:0::1]:80", Http01Responder.PATH_PREFIX + "token-2"))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.well-known/acme-challenge/token-2",
                "/.well-known/acme-challenge/token-1/",
                "/.well-known/acme-challenge/token-1?a=b",
                "/.well-known/acme-challenge/token-1#x",
                "/.well-known/acme-challenge//token-1",
                "//.well-known/acme-challenge/token-1",
                "/.well-known/acme-challenge/../acme-challenge/token-1",
                "/.well-known/acme-challenge/%74oken-1",
                "/.well-known/acme-challenge/",
                "/.well-known/acme-challenge",
                "http://a.example/.well-known/acme-challenge/token-1",
                "/",
                "",
            })
    void K2_K4_otherPath_isNotOurs(String path) {
        present("a.example");
        assertThat(responder.answer("a.example", path)).isEmpty();
    }

    private void present(String name) {
        responder.present(challenge(responder, Identifier.of(name), "token-1"));
    }
}
