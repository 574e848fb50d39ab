package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ServerNameTest {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    @Test
    void normalise_soundNames_lowerCase() {
        assertThat(ServerName.normalise("WWW.Example.COM")).contains("www.example.com");
        assertThat(ServerName.normalise("localhost")).contains("localhost");
        assertThat(ServerName.normalise("1.2.0.192.in-addr.arpa")).contains("1.2.0.192.in-addr.arpa");
        assertThat(ServerName.normalise("a".repeat(63) + ".b")).isPresent();
        assertThat(ServerName.normalise("a.".repeat(126) + "a")).isPresent(); // 253
    }

    @Test
    void normalise_whatIsNoName_empty() {
        for (String raw : new String[] {
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "-a",
            "a-",
            "a-.b",
            "a.-b",
            "*",
            "*.a",
            "a_b",
            "1.2.3.4",
            "1",
            "::1",
            "a:443",
            "[::1]",
            "b\u00fccher",
            "\u212a.example",
            "a\0",
            "a b",
            "a".repeat(64) + ".b",
            "a.".repeat(127)
        }) {
            assertThat(ServerName.normalise(raw)).as(raw).isEmpty();
        }
    }

    @Test
    void I3_turkishLocale_changesNothing() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(ServerName.normalise("I.EXAMPLE")).contains("i.example");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void normalise_randomText_agreesWithTheRule() {
        Random random = new Random(6066);
        String alphabet = "abzAZ019-..._*\u0131";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder raw = new StringBuilder();
            for (int length = random.nextInt(9); length > 0; length--) {
                raw.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(ServerName.normalise(raw.toString()).isPresent())
                    .as(raw.toString())
                    .isEqualTo(isName(raw.toString()));
        }
    }

    private static boolean isName(String raw) {
        if (raw.chars().anyMatch(c -> c > 127) || raw.matches("[0-9.]*")) {
            return false;
        }
        for (String label : raw.toLowerCase(Locale.ROOT).split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }
}
