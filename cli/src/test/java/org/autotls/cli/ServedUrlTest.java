package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.Test;

class ServedUrlTest {

    private static final TestCa CA = new TestCa();

    private final ManualClock clock = new ManualClock();
    private final LiveIndex index = new LiveIndex(clock);

    private String url(int port) {
        return ServedUrl.of(new InetSocketAddress(port), index.current());
    }

    private void serve(String... names) {
        index.put(Subject.of(names), CA.issue(clock.instant(), Duration.ofDays(90), names));
    }

    @Test
    void url_isOfANameThatIsServed_andOfLocalhostIfThatIs() {
        serve("b.example", "*.a.example");
        serve("192.0.2.1");
        assertThat(url(8443)).isEqualTo("https://b.example:8443/");
        serve("a.example");
        assertThat(url(443)).isEqualTo("https://a.example/");
        serve("localhost");
        assertThat(url(443)).isEqualTo("https://localhost/");
    }

    @Test
    void url_addressOfVersion6_isInBrackets() {
        serve("2001:db8::1");
        assertThat(url(8443)).isEqualTo("https://[2001:db8::1]:8443/");
    }

    @Test
    void url_nothingOrWildcardsAlone_saysSo() {
        assertThat(url(8443)).isEqualTo("port 8443, but there is no certificate yet");
        serve("*.a.example");
        assertThat(url(8443)).isEqualTo("port 8443 for *.a.example");
    }
}
