package org.autotls.rfc2136;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class TsigKeyTest {

    private static final String SECRET = "c2VjcmV0LW9mLWEtdGVzdA==";

    @Test
    void parse_secretAlone_isTaken() {
        assertThat(TsigKey.parse("acme", "hmac-sha512", SECRET + "\n")).hasToString("TSIG key acme. (hmac-sha512)");
    }

    @Test
    void parse_keyStatement_namesItsOwnAlgorithm() {
        String file = "key \"other\" {\n algorithm hmac-md5;\n secret \"AAAA\";\n};\nkey \"acme.\" {\n\talgorithm"
                + " HMAC-SHA384;\n\tsecret \"" + SECRET + "\";\n};\n";
        assertThat(TsigKey.parse("ACME", "hmac-sha256", file)).hasToString("TSIG key acme. (hmac-sha384)");
    }

    @Test
    void parse_anotherKeysStatement_isRefused() {
        assertThatThrownBy(() -> TsigKey.parse("acme", "hmac-sha256", "key other { secret \"" + SECRET + "\"; };"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'acme'")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void L9_badSecret_isNotShown() {
        assertThatThrownBy(() -> new TsigKey("acme", "hmac-sha256", SECRET + "!"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageNotContaining(SECRET.substring(0, 6));
        assertThatThrownBy(() -> new TsigKey("acme", "hmac-sha256", "")).hasMessageContaining("empty");
        assertThatThrownBy(() -> new TsigKey("acme", "rot13", SECRET)).hasMessageContaining("hmac-sha256");
    }

    @Test
    void L9_toString_showsNoSecret() {
        TsigKey key = new TsigKey("acme", "hmac-sha256", SECRET);
        InetSocketAddress server = new InetSocketAddress("127.0.0.1", 53);
        Rfc2136Records records = new Rfc2136Records(server, key, new DnsClient(List.of(server)), Clock.systemUTC());
        assertThat(key + " " + records).contains("acme").doesNotContain(SECRET);
    }
}
