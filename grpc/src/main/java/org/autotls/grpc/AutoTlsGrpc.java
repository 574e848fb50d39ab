package org.autotls.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.autotls.tls.TlsDefaults;

/**
 * Gives gRPC-java certificates that are issued and renewed while it serves. {@code grpc-netty} 1.73 to 1.85, with the Netty that
 * it brings along; not {@code grpc-netty-shaded}, whose types are others.
 *
 * <p>TLS is the JDK's engine. gRPC makes handlers of its own over the engines of a context (grpc-java#7223), and an engine of
 * BoringSSL cannot answer {@code acme-tls/1}: it chooses the certificate before it looks at ALPN. So the context that {@code
 * AutoTlsNetty} makes on BoringSSL throws when it is given to gRPC.
 *
 * <p>gRPC closes connections that did not choose {@code h2} by ALPN, after the handshake, and answers no {@code GET}. There is no
 * handler for plain http: gRPC is no HTTP server in that sense.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsGrpc {

    private static final int HTTPS_PORT = 443;

    private AutoTlsGrpc() {}

    /**
     * Makes a server's builder that listens where the endpoint string says. Certificates are seen to as long as the JVM runs;
     * to stop that earlier, make the {@link AutoTls} yourself.
     *
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return to be given services, built and started
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static NettyServerBuilder endpoint(String endpoint) {
        return endpoint(AutoTls.endpoint(endpoint).open());
    }

    /**
     * Makes a server's builder that listens where the endpoint string of {@code autoTls} says, else on port 443.
     *
     * @param autoTls what serves and issues; without an endpoint string, call {@link AutoTls#startIssuing} after the
     *     server's start; the caller closes it after the server
     * @return to be given services, built and started
     */
    public static NettyServerBuilder endpoint(AutoTls autoTls) {
        Optional<ListenAddress.Tcp> address = autoTls.tcpAddress();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                address.map(ListenAddress.Tcp::socketAddress).orElseGet(() -> new InetSocketAddress(HTTPS_PORT)));
        address.ifPresent(tcp -> builder.withOption(ChannelOption.SO_BACKLOG, tcp.backlog()));
        return endpoint(builder, autoTls);
    }

    /**
     * Gives a server's builder its TLS. It listens where it was told to before.
     *
     * @param builder made for an address or a port
     * @param autoTls what serves and issues; call {@link AutoTls#startIssuing} after the server's start; the caller closes it
     *     after the server
     * @return the same builder
     */
    public static NettyServerBuilder endpoint(NettyServerBuilder builder, AutoTls autoTls) {
        return builder.sslContext(sslContext(autoTls));
    }

    /**
     * Returns gRPC's TLS, for server credentials of your own.
     *
     * @param autoTls what serves and issues
     * @return a context for servers that chooses {@code h2}
     */
    public static SslContext sslContext(AutoTls autoTls) {
        return new JdkSslContext(
                autoTls.sslContext(),
                false,
                TlsDefaults.CIPHER_SUITES,
                IdentityCipherSuiteFilter.INSTANCE,
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2),
                ClientAuth.NONE, // the context itself asks where a certificate is required
                TlsDefaults.PROTOCOLS.toArray(String[]::new),
                false);
    }
}
