package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {

    private static final Identifier NAME = Identifier.of("a.example");

    @ParameterizedTest
    @ValueSource(strings = {"", "../x", "a/b", "a%2fb", "a\0b", "a b", "a.b", "ä"})
    void K1_tokenOutsideBase64url_isRefused(String token) {
        assertThatThrownBy(() -> new Challenge("http-01", NAME, token, token + ".thumb"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void K1_tokenOf10Kilobytes_isRefused() {
        String token = "a".repeat(10_240);
        assertThatThrownBy(() -> new Challenge("http-01", NAME, token, token + ".thumb"))
                .message()
                .hasSizeLessThan(400);
    }

    @Test
    void keyAuthorization_beginsWithTheToken() {
        assertThat(new Challenge("http-01", NAME, "tok", "tok.thumb").token()).isEqualTo("tok");
        assertThatThrownBy(() -> new Challenge("http-01", NAME, "tok", "other.thumb"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
