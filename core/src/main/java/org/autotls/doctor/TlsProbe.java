package org.autotls.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.autotls.Identifier;
import org.autotls.Scheduler;
import org.autotls.internal.IpAddresses;

/** Asks as a CA does for tls-alpn-01 (RFC 8737 §3). Immutable; safe for many threads. */
final class TlsProbe implements Probe {

    private static final String PROTOCOL = "acme-tls/1";

    /** RFC 8737 §6.1. */
    private static final String ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

    private static final int DIGEST = 32;

    private final Rehearsal rehearsal;
    private final int port;
    private final Scheduler scheduler;
    private final Duration limit;

    TlsProbe(Rehearsal rehearsal, int port, Scheduler scheduler, Duration limit) {
        this.rehearsal = rehearsal;
        this.port = port;
        this.scheduler = scheduler;
        this.limit = limit;
    }

    @Override
    public ProbeResult ask(InetAddress address, Identifier identifier) {
        try (Dialed dialed = Dialed.open(address, port, scheduler, limit)) {
            return handshake(address, dialed.socket(), identifier);
        } catch (IOException e) {
            return ProbeResult.notConnected(address, e);
        }
    }

    private ProbeResult handshake(InetAddress address, Socket plain, Identifier identifier) {
        String serverName = identifier.type() == Identifier.Type.IP
                ? IpAddresses.reverseName(identifier.value())
                : identifier.value();
        try (SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket(plain, serverName, port, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {PROTOCOL});
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            String agreed = socket.getApplicationProtocol();
            if (!PROTOCOL.equals(agreed)) {
                return other(address, "serves TLS, but does not answer challenges (no " + PROTOCOL + ")");
            }
            return isOurs(socket.getSession().getPeerCertificates()[0])
                    ? new ProbeResult(address, ProbeResult.Kind.ANSWERED, "")
                    : other(address, "answers challenges, but not ours");
        } catch (IOException e) {
            return other(address, "does not complete the TLS handshake of a challenge (" + e.getMessage() + ")");
        }
    }

    /** The extension is an OCTET STRING in an OCTET STRING: the digest is what it ends with. */
    private boolean isOurs(Certificate certificate) {
        byte[] extension = certificate instanceof X509Certificate x509 ? x509.getExtensionValue(ACME_IDENTIFIER) : null;
        return extension != null
                && extension.length >= DIGEST
                && Arrays.equals(
                        Arrays.copyOfRange(extension, extension.length - DIGEST, extension.length), rehearsal.digest());
    }

    private static ProbeResult other(InetAddress address, String what) {
        return new ProbeResult(address, ProbeResult.Kind.OTHER, what);
    }

    private static SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyCertificate()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    /** A challenge's certificate is signed by itself; what it says is compared afterwards. */
    private static final class AnyCertificate extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
