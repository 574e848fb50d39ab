package org.autotls.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Who is at the two ends of a connection that came through a load balancer, as its PROXY protocol header says
 * ({@code haproxy:}). Immutable.
 *
 * @param source the client
 * @param destination what the client connected to
 */
public record ProxiedAddresses(InetSocketAddress source, InetSocketAddress destination) {

    private static final AttributeKey<ProxiedAddresses> KEY = AttributeKey.valueOf(ProxiedAddresses.class, "header");

    /** Checks the addresses. */
    public ProxiedAddresses {
        requireNonNull(source, "source");
        requireNonNull(destination, "destination");
    }

    /**
     * Finds what the header of a connection said.
     *
     * @param channel a connection accepted by an {@link AutoTlsEndpoint}
     * @return empty if the endpoint is not behind {@code haproxy:}, or the load balancer spoke for itself (a health check)
     */
    public static Optional<ProxiedAddresses> of(Channel channel) {
        return Optional.ofNullable(channel.attr(KEY).get());
    }

    void attachTo(Channel channel) {
        channel.attr(KEY).set(this);
    }
}
