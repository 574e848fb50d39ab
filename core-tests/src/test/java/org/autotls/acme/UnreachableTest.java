package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** Chains of causes as the JDK's clients of 17 and 25 throw them. */
class UnreachableTest {

    private static final URI CA = URI.create("https://ca.example/dir");

    @Test
    void describe_saysWhatFailedAndWhere() {
        assertThat(describe(caused(new ConnectException(), new UnresolvedAddressException())))
                .isEqualTo(
                        "the CA cannot be reached at https://ca.example/dir: the host name 'ca.example' is not known");
        assertThat(describe(new UnknownHostException("ca.example"))).endsWith("'ca.example' is not known");
        assertThat(describe(caused(new ConnectException(), new ClosedChannelException())))
                .contains("the connection was refused");
        assertThat(describe(caused(new HttpConnectTimeoutException("x"), new ConnectException())))
                .endsWith("connecting took too long (a timeout)");
        assertThat(describe(caused(new ConnectException(), new NoRouteToHostException())))
                .endsWith("there is no way to the host");
        assertThat(describe(new IOException("end of stream")))
                .endsWith("the connection broke: IOException, end of stream");
    }

    @Test
    void describe_aCertificate_hintsAtTheRootOnlyWhereItHelps() {
        CertificateException unknownRoot = caused(
                new CertificateException("PKIX path building failed"), new CertPathBuilderException("no valid path"));
        assertThat(describe(caused(new SSLHandshakeException("PKIX"), unknownRoot)))
                .contains("--acme-root FILE");
        assertThat(describe(caused(new SSLHandshakeException("no"), new CertificateException("No name matching ca"))))
                .endsWith("its https certificate is refused: CertificateException, No name matching ca");
        assertThat(describe(new SSLHandshakeException("Received fatal alert: handshake_failure")))
                .endsWith("TLS failed: SSLHandshakeException, Received fatal alert: handshake_failure");
    }

    private static String describe(Throwable thrown) {
        return Unreachable.describe(CA, thrown);
    }

    private static <T extends Throwable> T caused(T outer, Throwable inner) {
        outer.initCause(inner);
        return outer;
    }
}
