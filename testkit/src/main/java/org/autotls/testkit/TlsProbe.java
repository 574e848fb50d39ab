package org.autotls.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/**
 * Asks a TLS server that listens on the loopback address, as a client from outside: with raw bytes, or with the JDK's own
 * client.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Each call opens and closes one connection.
 */
public final class TlsProbe {

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int TIMEOUT_MILLIS = 20_000;

    private final int port;

    /**
     * Makes a probe.
     *
     * @param port where the server listens
     */
    public TlsProbe(int port) {
        this.port = port;
    }

    /**
     * What a server answered to raw bytes.
     *
     * @param kind what its first record was
     * @param alert the alert's number; 0 if it was none
     */
    public record Reply(Kind kind, int alert) {

        /** What the first record of a server was. */
        public enum Kind {
            /** It goes on with the handshake. */
            SERVER_HELLO,
            /** It refuses in the clear. */
            ALERT,
            /** It closed the connection without a word. */
            CLOSED,
            /** It still waits for more, at the end of the probe's patience. */
            SILENT
        }

        @Override
        public String toString() {
            return kind == Kind.ALERT ? "alert " + alert : kind.name();
        }
    }

    /**
     * Sends bytes and reads the first record of the answer.
     *
     * @param bytes what to send
     * @return the answer
     */
    public Reply send(byte[] bytes) {
        return send(bytes, bytes.length, TIMEOUT_MILLIS);
    }

    /**
     * Sends bytes, cut into TCP segments as well as may be, and reads the first record of the answer.
     *
     * @param bytes what to send
     * @param segment the size of each write
     * @param patienceMillis how long to wait for each byte of the answer
     * @return the answer
     */
    public Reply send(byte[] bytes, int segment, int patienceMillis) {
        try (Socket socket = connect()) {
            socket.setSoTimeout(patienceMillis);
            try {
                for (int from = 0; from < bytes.length; from += segment) {
                    socket.getOutputStream().write(bytes, from, Math.min(segment, bytes.length - from));
                }
            } catch (SocketException e) {
                // The server has had enough already; what it said can still be read.
                return first(socket.getInputStream());
            }
            return first(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends one ClientHello, waits for HelloRetryRequest, and sends another.
     *
     * @param first makes the server ask for another
     * @param second what to send then
     * @return what the server answers to the second
     */
    public Reply converse(byte[] first, byte[] second) {
        try (Socket socket = connect()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            InputStream in = socket.getInputStream();
            socket.getOutputStream().write(first);
            byte[] header = in.readNBytes(5);
            if (header.length < 5 || header[0] != HANDSHAKE) {
                throw new IOException("no HelloRetryRequest came");
            }
            in.readNBytes(((header[3] & 0xff) << 8) | (header[4] & 0xff));
            socket.getOutputStream().write(second);
            return first(afterChangeCipherSpec(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server may put one there to please middleboxes (RFC 8446 §D.4). */
    private static InputStream afterChangeCipherSpec(InputStream in) throws IOException {
        PushbackInputStream rest = new PushbackInputStream(in, 6);
        byte[] record = rest.readNBytes(6);
        if (record.length < 6 || record[0] != CHANGE_CIPHER_SPEC) {
            rest.unread(record);
        }
        return rest;
    }

    private static Reply first(InputStream in) throws IOException {
        try {
            byte[] record = in.readNBytes(7);
            if (record.length < 7) {
                return new Reply(Reply.Kind.CLOSED, 0);
            }
            return switch (record[0]) {
                case ALERT -> new Reply(Reply.Kind.ALERT, record[6] & 0xff);
                case HANDSHAKE -> new Reply(Reply.Kind.SERVER_HELLO, 0);
                default -> throw new IOException("not a TLS record, type " + record[0]);
            };
        } catch (SocketTimeoutException e) {
            return new Reply(Reply.Kind.SILENT, 0);
        } catch (SocketException e) {
            return new Reply(Reply.Kind.CLOSED, 0);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        return socket;
    }

    /**
     * What a handshake came to.
     *
     * @param leaf the server's certificate
     * @param protocol the version, as JSSE names it
     * @param applicationProtocol what ALPN chose; empty if nothing
     * @param closed whether the server closed the connection right after the handshake
     */
    public record Handshake(X509Certificate leaf, String protocol, String applicationProtocol, boolean closed) {}

    /**
     * Does a handshake as a client that trusts anyone (the caller looks at the leaf), and waits for the server to close if
     * {@code acme-tls/1} is the only protocol offered.
     *
     * @param serverName the name to send; an empty one sends none
     * @param version {@code TLSv1.2} or {@code TLSv1.3}
     * @param applicationProtocols what to offer
     * @return what came of it
     * @throws SSLException if the server refused, with its alert in the message
     */
    public Handshake handshake(String serverName, String version, String... applicationProtocols) throws SSLException {
        return handshake(context(new TrustManager[] {new TrustAnyone()}), serverName, parameters -> {
            parameters.setProtocols(new String[] {version});
            parameters.setApplicationProtocols(applicationProtocols);
            return parameters;
        });
    }

    /**
     * Does a full handshake.
     *
     * @param client whose trust is used; the session is forgotten
     * @param serverName the name to send; an empty one sends none
     * @param settings may change the parameters
     * @return what came of it
     * @throws SSLException if the server refused, or is not trusted
     */
    public Handshake handshake(SSLContext client, String serverName, UnaryOperator<SSLParameters> settings)
            throws SSLException {
        try (Socket plain = connect();
                SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(plain, null, port, true)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            SSLParameters parameters = settings.apply(socket.getSSLParameters());
            if (!serverName.isEmpty()) {
                parameters.setServerNames(List.of(new SNIHostName(serverName)));
            }
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            String chosen = socket.getApplicationProtocol();
            socket.getSession().invalidate(); // the next handshake is a full one
            boolean closed =
                    "acme-tls/1".equals(chosen) && socket.getInputStream().read() < 0;
            return new Handshake(leaf, socket.getSession().getProtocol(), chosen == null ? "" : chosen, closed);
        } catch (SSLException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes a client that trusts one root.
     *
     * @param root for example {@link TestCa#root}
     * @return a context whose sessions are its own
     */
    public static SSLContext trusting(X509Certificate root) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("root", root);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return context(factory.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Makes a client on BoringSSL that checks who signed the leaf, and leaves its dates to the caller, whose clock may be
     * another.
     */
    static SSLContext trustingAtAnyTime(X509Certificate root) {
        try {
            return initialized(
                    SSLContext.getInstance("TLS", Conscrypt.newProvider()),
                    new TrustManager[] {new TrustSignature(root)});
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context(TrustManager[] trust) {
        try {
            return initialized(SSLContext.getInstance("TLS"), trust);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext initialized(SSLContext context, TrustManager[] trust) throws GeneralSecurityException {
        context.init(null, trust, null);
        return context;
    }

    /** Trusts leaves that one key has signed. The JDK's ECDSA takes longer than the rest of a handshake: not twice for one leaf. */
    private static final class TrustSignature extends TrustAnyone {

        private final X509Certificate root;
        private volatile @Nullable X509Certificate verified;

        TrustSignature(X509Certificate root) {
            this.root = root;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            if (chain[0].equals(verified)) {
                return;
            }
            try {
                chain[0].verify(root.getPublicKey());
                verified = chain[0];
            } catch (GeneralSecurityException e) {
                throw new CertificateException("not signed by " + root.getSubjectX500Principal(), e);
            }
        }
    }

    /** For probes: they look at the certificate themselves. */
    private static class TrustAnyone extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {}

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
