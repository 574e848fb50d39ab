package org.autotls.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.autotls.CertificateBundle;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client without a server name gets. Elsewhere the gate is tested through the handlers that it stands in. */
class HelloGateTest {

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());

    private CertificateBundle serve(String name) {
        CertificateBundle bundle = ca.issue(Instant.parse("2020-01-01T00:00:00Z"), Duration.ofDays(36500), name);
        index.put(Subject.of(name), bundle);
        return bundle;
    }

    /** The client connects to an address, so it sends no name, and wants a certificate for the address. */
    private EmbeddedPair pair(SslProvider provider, InetSocketAddress to) throws SSLException {
        return EmbeddedPair.of(index, provider, ca, to.getAddress().getHostAddress());
    }

    @ParameterizedTest
    @CsvSource({
        "JDK, 198.51.100.7",
        "JDK, 2001:db8::7",
        "JDK, ::ffff:198.51.100.7",
        "OPENSSL, 198.51.100.7",
    })
    void noServerName_behindALoadBalancer_isServedForTheAddressInItsHeader(SslProvider provider, String address)
            throws Exception {
        CertificateBundle v4 = serve("198.51.100.7");
        CertificateBundle v6 = serve("2001:db8::7");
        InetSocketAddress to = new InetSocketAddress(address, 443);
        try (EmbeddedPair pair = pair(provider, to)) {
            new ProxiedAddresses(new InetSocketAddress("192.0.2.1", 1234), to).attachTo(pair.server);
            pair.run();

            assertThat(pair.heardByClient.events).containsExactly(SslHandshakeCompletionEvent.SUCCESS);
            assertThat(pair.client
                            .pipeline()
                            .get(SslHandler.class)
                            .engine()
                            .getSession()
                            .getPeerCertificates()[0])
                    .isEqualTo((address.startsWith("2001") ? v6 : v4).leaf());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void noServerName_toAnAddressThatIsNotServed_isRefused(SslProvider provider) throws Exception {
        serve("198.51.100.7");
        InetSocketAddress to = new InetSocketAddress("198.51.100.8", 443);
        try (EmbeddedPair pair = pair(provider, to)) {
            new ProxiedAddresses(new InetSocketAddress("198.51.100.7", 1234), to).attachTo(pair.server);
            pair.run();

            assertThat(pair.heardByClient.events).doesNotContain(SslHandshakeCompletionEvent.SUCCESS);
        }
    }
}
