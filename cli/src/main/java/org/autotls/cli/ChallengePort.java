package org.autotls.cli;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.Text;
import org.autotls.endpoint.EndpointParsers;
import org.autotls.endpoint.ListenAddress;
import org.autotls.endpoint.ServerEndpoint;
import org.autotls.netty.AutoTlsEndpoint;
import org.autotls.netty.ListeningPort;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A running issuing service without a server, with a port of its own for tls-alpn-01 challenges if one is needed. */
final class ChallengePort {

    private static final int HTTPS = 443;
    private static final String DEFAULT = "tcp:" + HTTPS;

    @Option(
            names = "--port",
            paramLabel = "ADDRESS",
            description =
                    "Where to answer tls-alpn-01 challenges: tcp:PORT, tcp6:PORT, systemd:… or haproxy:…. The CA asks on"
                            + " port 443. Default: tcp:443, or none with --local or --http-port, or if no"
                            + " --challenge is tls-alpn-01.")
    private @Nullable String port;

    /**
     * Tells whether challenges need this port unless it was named, and refuses what would fail once it is open.
     *
     * @throws CommandFailure if the port is not one for challenges, or {@code --http-port}
     */
    boolean isNeeded(boolean local, CaOptions ca) {
        boolean needed = !local && ca.needsTlsPort();
        if (needed || isGiven()) {
            ca.check(address());
        }
        return needed;
    }

    /** Tells whether the port was named. */
    boolean isGiven() {
        return port != null;
    }

    /** What was started, to be closed. */
    interface Running extends AutoCloseable {

        AutoTls autoTls();

        @Override
        void close();
    }

    /**
     * Starts the service.
     *
     * @param builder where certificates come from and are kept
     * @param needsPort as {@link #isNeeded} says
     * @param stop ends the wait
     */
    Running start(AutoTlsBuilder builder, boolean needsPort, StopSignal stop) {
        if (port == null && !needsPort) {
            AutoTls running = builder.start();
            return new WithoutPort(running);
        }
        // Not this port: nothing is served on it.
        AutoTlsEndpoint endpoint = AutoTlsEndpoint.of(address(), builder.httpsPort(HTTPS));
        return new WithPort(stop.orStop(endpoint.listen(new NothingServed())));
    }

    /**
     * Reads the option.
     *
     * @throws CommandFailure if it says where certificates are kept, or is a socket that only this machine reaches
     */
    ListenAddress address() {
        ServerEndpoint endpoint = EndpointParsers.standard().parse(port == null ? DEFAULT : port);
        if (endpoint.autoTls().isPresent()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--port " + Text.escape(String.valueOf(port)) + ": expected an address such as tcp:443; where"
                            + " certificates are kept is said by --certs");
        }
        if (endpoint.address() instanceof ListenAddress.Unix unix && !unix.proxyProtocol()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--port " + Text.escape(String.valueOf(port)) + ": expected tcp:PORT, tcp6:PORT, systemd:… or"
                            + " haproxy:…; no CA reaches a unix socket");
        }
        return endpoint.address();
    }

    private record WithoutPort(AutoTls autoTls) implements Running {
        @Override
        public void close() {
            autoTls.close();
        }
    }

    private record WithPort(ListeningPort port) implements Running {
        @Override
        public AutoTls autoTls() {
            return port.autoTls().orElseThrow();
        }

        @Override
        public void close() {
            port.close();
        }
    }

    /** Ends every connection that is no challenge. */
    @Sharable
    private static final class NothingServed extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            super.channelRead(context, message); // released at the end of the pipeline
            context.close();
        }
    }
}
