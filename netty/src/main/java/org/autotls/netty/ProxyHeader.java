package org.autotls.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.netty.handler.ssl.SslHandler;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSession;

/** Writes the PROXY protocol header, version 2, that tells the backend who the client is. Stateless. */
final class ProxyHeader {

    /** PP2_CLIENT_SSL: the client came over TLS. */
    private static final byte OVER_TLS = 0x01;

    /** Not zero: the client showed no certificate that was verified. */
    private static final int NOT_VERIFIED = 1;

    private ProxyHeader() {}

    static HAProxyMessage of(Channel client) {
        Optional<ProxiedAddresses> proxied = ProxiedAddresses.of(client);
        SocketAddress source = proxied.map(a -> (SocketAddress) a.source()).orElseGet(client::remoteAddress);
        SocketAddress destination =
                proxied.map(a -> (SocketAddress) a.destination()).orElseGet(client::localAddress);
        List<HAProxyTLV> tlvs = tlvs(client);
        if (source instanceof InetSocketAddress from && destination instanceof InetSocketAddress to) {
            boolean v4 = isV4(from) && isV4(to);
            return message(
                    v4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
                    v4 ? host(from) : v6Host(from),
                    v4 ? host(to) : v6Host(to),
                    from.getPort(),
                    to.getPort(),
                    tlvs);
        }
        // No address that IP could name: a client on a unix socket. Receivers refuse PROXY without a family;
        // Jetty does, for one.
        return new HAProxyMessage(
                HAProxyProtocolVersion.V2,
                HAProxyCommand.LOCAL,
                HAProxyProxiedProtocol.UNKNOWN,
                null,
                null,
                0,
                0,
                tlvs);
    }

    private static HAProxyMessage message(
            HAProxyProxiedProtocol protocol, String from, String to, int fromPort, int toPort, List<HAProxyTLV> tlvs) {
        return new HAProxyMessage(
                HAProxyProtocolVersion.V2, HAProxyCommand.PROXY, protocol, from, to, fromPort, toPort, tlvs);
    }

    private static List<HAProxyTLV> tlvs(Channel client) {
        List<HAProxyTLV> tlvs = new ArrayList<>();
        SslHandler tls = client.pipeline().get(SslHandler.class);
        if (tls == null) {
            return tlvs;
        }
        String protocol = tls.applicationProtocol();
        if (protocol != null && !protocol.isEmpty()) {
            tlvs.add(new HAProxyTLV(HAProxyTLV.Type.PP2_TYPE_ALPN, ascii(protocol)));
        }
        SSLSession session = tls.engine().getSession();
        serverName(session)
                .ifPresent(name -> tlvs.add(new HAProxyTLV(HAProxyTLV.Type.PP2_TYPE_AUTHORITY, ascii(name))));
        HAProxyTLV version = new HAProxyTLV(HAProxyTLV.Type.PP2_TYPE_SSL_VERSION, ascii(session.getProtocol()));
        tlvs.add(new HAProxySSLTLV(NOT_VERIFIED, OVER_TLS, List.of(version)));
        return tlvs;
    }

    private static Optional<String> serverName(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return Optional.empty();
        }
        return extended.getRequestedServerNames().stream()
                .filter(SNIHostName.class::isInstance)
                .map(name -> ((SNIHostName) name).getAsciiName())
                .findFirst();
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static boolean isV4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    private static String host(InetSocketAddress address) {
        String text = address.getAddress().getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** A header has one family only, so beside an IPv6 address an IPv4 one is mapped (RFC 4291 §2.5.5.2). */
    private static String v6Host(InetSocketAddress address) {
        return isV4(address) ? "::ffff:" + host(address) : host(address);
    }
}
