package org.autotls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.autotls.endpoint.ListenAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the issuing of an {@link AutoTls} that was only opened: as soon as the port of its endpoint string takes
 * connections, so that the CA finds the answer to its challenge there, and in any case after {@link #PATIENCE}.
 *
 * <p><b>Threads.</b> One look at a time; {@link #close} from any thread.
 */
final class IssuingStart implements AutoCloseable {

    /** A server that takes longer to listen has to say so itself, by {@link AutoTls#startIssuing}. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(AutoTls.class);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int CONNECT_MILLIS = 2000;

    private final AutoTls autoTls;
    private final Scheduler scheduler;
    private final Executor blocking;
    private final Instant giveUp;
    private volatile boolean closed;

    private volatile Scheduler.@Nullable Cancellable next;

    private IssuingStart(AutoTls autoTls, Scheduler scheduler, Executor blocking) {
        this.autoTls = autoTls;
        this.scheduler = scheduler;
        this.blocking = blocking;
        this.giveUp = scheduler.instant().plus(PATIENCE);
    }

    static IssuingStart watch(AutoTls autoTls, Scheduler scheduler, Executor blocking) {
        IssuingStart start = new IssuingStart(autoTls, scheduler, blocking);
        start.lookLater();
        return start;
    }

    private void lookLater() {
        Duration pause = port().isPresent() ? PAUSE : PATIENCE;
        next = scheduler.schedule(pause, () -> {
            try {
                blocking.execute(this::look);
            } catch (RejectedExecutionException e) {
                LOG.trace("closed meanwhile", e);
            }
        });
        if (closed) {
            close();
        }
    }

    private void look() {
        if (closed || autoTls.isIssuing()) {
            return;
        }
        if (port().filter(IssuingStart::isListening).isPresent()) {
            autoTls.startIssuing();
        } else if (scheduler.instant().isBefore(giveUp)) {
            lookLater();
        } else {
            LOG.warn(
                    "issuing begins though nobody said that the server listens; call AutoTls.startIssuing() when it does");
            autoTls.startIssuing();
        }
    }

    private Optional<InetSocketAddress> port() {
        return autoTls.address()
                .filter(ListenAddress.Tcp.class::isInstance)
                .map(ListenAddress.Tcp.class::cast)
                .filter(tcp -> tcp.port() != 0)
                .map(tcp -> tcp.host().isEmpty()
                        ? new InetSocketAddress(loopback(tcp.family()), tcp.port())
                        : new InetSocketAddress(tcp.host(), tcp.port()));
    }

    private static String loopback(ListenAddress.Family family) {
        return family == ListenAddress.Family.INET6
                ? "::1"
                : InetAddress.getLoopbackAddress().getHostAddress();
    }

    private static boolean isListening(InetSocketAddress port) {
        try (Socket socket = new Socket()) {
            socket.connect(port, CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        Scheduler.Cancellable pending = next;
        if (pending != null) {
            pending.cancel();
        }
    }
}
