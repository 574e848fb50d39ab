package org.autotls.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.timeout.IdleStateHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Copies what clients send, decrypted, to a backend, and back: {@code endpoint.listen(TlsTerminator.toTcp(…))}. Any
 * protocol goes through; nothing is read beyond TLS.
 *
 * <p>The backend is connected once the handshake is complete, so a client that is refused never reaches it. Each side is
 * read only as fast as the other takes it. When one side ends its output, the other is told (a half-close goes through
 * where TLS has one: see {@link Relay}); when neither sends anything for the idle time, both are closed. With the PROXY
 * protocol the backend learns the client's address, the server name, ALPN and the TLS version.
 *
 * <p><b>Threads.</b> Immutable; safe for many connections and endpoints.
 */
@Sharable
public final class TlsTerminator extends ChannelInitializer<Channel> {

    private static final Duration DEFAULT_IDLE = Duration.ofMinutes(10);

    private final Backend backend;
    private final boolean proxyProtocol;
    private final Duration idleTime;

    private TlsTerminator(Backend backend, boolean proxyProtocol, Duration idleTime) {
        this.backend = backend;
        this.proxyProtocol = proxyProtocol;
        this.idleTime = idleTime;
    }

    /**
     * Passes connections on to a TCP port, without the PROXY protocol; idle connections end after ten minutes.
     *
     * @param host a name, resolved anew for each connection (those that wait at once share an answer), or an address
     * @param port from 1 to 65535
     * @return the handler for {@link AutoTlsEndpoint#listen}
     * @throws IllegalArgumentException if the host is empty or the port is out of range
     */
    public static TlsTerminator toTcp(String host, int port) {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "backend '" + host + "', port " + port + ": expected a host and a port from 1 to 65535");
        }
        return new TlsTerminator(new Backend(host, port, HostLookup.of(host)), false, DEFAULT_IDLE);
    }

    /**
     * Passes connections on to a unix domain socket.
     *
     * @param path where the backend listens
     * @return the handler for {@link AutoTlsEndpoint#listen}
     */
    public static TlsTerminator toUnix(Path path) {
        return new TlsTerminator(new Backend(requireNonNull(path, "path")), false, DEFAULT_IDLE);
    }

    /**
     * Begins each connection to the backend with a PROXY protocol header, version 2.
     *
     * @return a terminator that does
     */
    public TlsTerminator withProxyProtocol() {
        return new TlsTerminator(backend, true, idleTime);
    }

    /**
     * Ends connections on which nothing was sent either way for some time.
     *
     * @param time more than zero
     * @return a terminator that does
     * @throws IllegalArgumentException if the time is zero or negative
     */
    public TlsTerminator withIdleTime(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("idle time " + time + ": expected more than 0");
        }
        return new TlsTerminator(backend, proxyProtocol, time);
    }

    @Override
    protected void initChannel(Channel client) {
        client.pipeline()
                .addLast(new IdleStateHandler(0, 0, idleTime.toMillis(), TimeUnit.MILLISECONDS))
                .addLast(new ClientSide(backend, proxyProtocol));
    }
}
