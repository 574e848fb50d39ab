package org.autotls.netty;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.endpoint.EndpointParsers;
import org.autotls.endpoint.ListenAddress;
import org.autotls.endpoint.ServerEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server endpoint on Netty whose certificates are issued and renewed while it serves.
 *
 * <p>{@link #listen} goes through these steps, in this order:
 *
 * <ol>
 *   <li>check the settings and the directory; nothing was touched so far if this fails
 *   <li>bind the address, so that the CA finds the challenge on it; nothing was written so far if this fails
 *   <li>start {@link AutoTls}: open the store, read what is there, start issuing
 *   <li>accept connections
 *   <li>complete when the first check is done, whether or not it worked; a CA that hangs is waited for ten seconds at most if
 *       there is something to serve
 * </ol>
 *
 * <p>A connection goes through [PROXY protocol header, if the address is behind {@code haproxy:}] → TLS, which answers
 * {@code acme-tls/1} by itself → the application's handler.
 *
 * <p><b>Threads.</b> Immutable but for the {@link AutoTlsBuilder}; {@link #listen} may be called from any thread and does
 * not block.
 */
public final class AutoTlsEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTlsEndpoint.class);
    private static final Duration HEADER_DEADLINE = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ListenAddress address;
    // At most one of the two is set.
    private final @Nullable AutoTlsBuilder autoTls;
    private final @Nullable AutoTls open;
    private final List<String> applicationProtocols;
    private final Transport transport;
    private final InheritedSockets inherited;

    AutoTlsEndpoint(
            ListenAddress address,
            @Nullable AutoTlsBuilder autoTls,
            List<String> applicationProtocols,
            Transport transport,
            InheritedSockets inherited) {
        this(address, autoTls, null, applicationProtocols, transport, inherited);
    }

    private AutoTlsEndpoint(
            ListenAddress address,
            @Nullable AutoTlsBuilder autoTls,
            @Nullable AutoTls open,
            List<String> applicationProtocols,
            Transport transport,
            InheritedSockets inherited) {
        this.address = requireNonNull(address, "address");
        this.autoTls = autoTls;
        this.open = open;
        this.applicationProtocols = List.copyOf(applicationProtocols);
        this.transport = transport;
        this.inherited = inherited;
    }

    /**
     * Reads an endpoint string.
     *
     * @param text for example {@code lets:/srv/www/certs:tcp:443}
     * @return the endpoint; nothing is bound or written yet
     * @throws org.autotls.endpoint.EndpointException with the string, the column and what was expected
     */
    public static AutoTlsEndpoint parse(String text) {
        return of(EndpointParsers.standard().parse(text));
    }

    /**
     * Makes an endpoint of what a string said.
     *
     * @param endpoint address and certificates
     * @return the endpoint; nothing is bound or written yet
     */
    public static AutoTlsEndpoint of(ServerEndpoint endpoint) {
        return of(endpoint.address(), endpoint.autoTls().orElse(null));
    }

    /**
     * Makes an endpoint with every parameter: all that concerns certificates is set in the builder.
     *
     * @param address where to listen
     * @param autoTls where certificates come from, and when; started by {@link #listen}
     * @return the endpoint; nothing is bound or written yet
     */
    public static AutoTlsEndpoint of(ListenAddress address, @Nullable AutoTlsBuilder autoTls) {
        return new AutoTlsEndpoint(
                address, autoTls, List.of(), Transport.preferred(), InheritedSockets.ofThisProcess());
    }

    /** Makes an endpoint over what is open already and is closed by its owner; begins to issue when the address is bound. */
    static AutoTlsEndpoint over(ListenAddress address, AutoTls open) {
        return new AutoTlsEndpoint(
                address,
                null,
                requireNonNull(open, "autoTls"),
                List.of(),
                Transport.preferred(),
                InheritedSockets.ofThisProcess());
    }

    /**
     * Offers application protocols by ALPN (RFC 7301). Default: none, and clients that offer some are served without.
     *
     * @param protocols in the order of preference, for example {@code h2, http/1.1}
     * @return an endpoint that does
     */
    public AutoTlsEndpoint withApplicationProtocols(String... protocols) {
        return new AutoTlsEndpoint(address, autoTls, open, List.of(protocols), transport, inherited);
    }

    /**
     * Sets what an endpoint string cannot say, such as the e-mail address and the consent to the CA's terms.
     *
     * @param settings applied to the builder at once; not called if the endpoint has no TLS, or was made from
     *     an {@link AutoTls} that is open
     * @return this
     */
    public AutoTlsEndpoint configure(Consumer<? super AutoTlsBuilder> settings) {
        if (autoTls != null) {
            settings.accept(autoTls);
        }
        return this;
    }

    /**
     * Returns where this endpoint listens.
     *
     * @return the address
     */
    public ListenAddress address() {
        return address;
    }

    /**
     * Binds, starts issuing, and accepts connections.
     *
     * @param application added at the end of each connection's pipeline; must be sharable, as a
     *     {@link io.netty.channel.ChannelInitializer} is. It may see a connection before its handshake is complete
     * @return completes with the port when the first check is done; fails with {@link ListenException},
     *     {@link org.autotls.StoreException} or {@link IllegalArgumentException}, and then nothing is left bound or running.
     *     Cancelling its {@code CompletableFuture} closes the port, if it listens already, before {@code cancel} returns
     */
    public CompletionStage<ListeningPort> listen(ChannelHandler application) {
        requireNonNull(application, "application");
        CompletableFuture<ListeningPort> listening = new CompletableFuture<>();
        Thread starter = new Thread(() -> start(application, listening), "autotls-start");
        starter.setDaemon(false); // a program whose main method is over by now wants to serve all the same
        starter.start();
        return listening;
    }

    private void start(ChannelHandler application, CompletableFuture<ListeningPort> listening) {
        ListeningPort port;
        try {
            if (autoTls != null) {
                autoTls.check();
            }
            port = bindAndServe(application);
        } catch (RuntimeException | Error e) {
            listening.completeExceptionally(e);
            return;
        }
        completeWhenChecked(port, listening);
    }

    private ListeningPort bindAndServe(ChannelHandler application) {
        EventLoopGroup group = transport.newGroup();
        Connections connections = new Connections(group.next());
        Channel channel = null;
        AutoTls running = null;
        try {
            channel = new ServerSockets(transport, inherited).open(address, bootstrap(group, connections));
            running = autoTls == null
                    ? open
                    : servedOn(channel.localAddress(), autoTls).start();
            if (open != null) {
                open.startIssuing();
            }
            SslContext tls = running == null ? null : tls(running);
            connections.serve(address.proxyProtocol() ? HEADER_DEADLINE : Duration.ZERO, tls, application);
            channel.config().setAutoRead(true);
            LOG.info("listening on {}", address);
            return new ListeningPort(address, channel, connections, group, running, running != open);
        } catch (RuntimeException | Error e) {
            if (channel != null) {
                channel.close().awaitUninterruptibly();
            }
            if (running != null && running != open) {
                running.close();
            }
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** Behind a load balancer, clients know another port than this one. */
    private AutoTlsBuilder servedOn(SocketAddress bound, AutoTlsBuilder builder) {
        return bound instanceof InetSocketAddress tcp && !address.proxyProtocol()
                ? builder.servedOn(tcp.getPort())
                : builder;
    }

    private static ServerBootstrap bootstrap(EventLoopGroup group, Connections connections) {
        return new ServerBootstrap().group(group).childHandler(connections);
    }

    private SslContext tls(AutoTls running) {
        return AutoTlsNetty.sslContext(running, applicationProtocols.toArray(String[]::new));
    }

    private static void completeWhenChecked(ListeningPort port, CompletableFuture<ListeningPort> listening) {
        var unused = listening.whenComplete((ready, failure) -> {
            if (listening.isCancelled()) {
                port.close();
            }
        });
        Optional<AutoTls> running = port.autoTls();
        if (running.isEmpty()) {
            listening.complete(port);
            return;
        }
        running.get().whenCertsValid().whenComplete((checked, failure) -> {
            if (failure == null) {
                listening.complete(port);
            } else {
                port.close();
                listening.completeExceptionally(
                        failure instanceof CompletionException wrapped && wrapped.getCause() != null
                                ? wrapped.getCause()
                                : failure);
            }
        });
        if (!listening.isDone() && running.get().index().current().size() > 0) {
            port.executor().schedule(() -> listening.complete(port), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
