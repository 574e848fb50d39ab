package org.autotls.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.autotls.Text;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ProxyConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Jetty on a private unix socket, behind the TLS terminator: it speaks HTTP/1.1 and HTTP/2 in the clear, each connection
 * begun by a PROXY protocol v2 header that names the client. Why two engines: {@code docs/decisions/0003-web-engine.md}.
 *
 * <p>The socket lies in a directory of mode 0700, so that nobody but this user can reach the plaintext or forge the header.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class HttpEngine implements AutoCloseable {

    /** Where the socket's directory is made unless told otherwise. */
    static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    /** Part of the five seconds that a clean stop may take; requests in flight get this long. */
    private static final long STOP_MILLIS = 2_000;

    private static final long IDLE_MILLIS = 60_000;

    /** As many as Linux allows unless it is told otherwise (net.core.somaxconn). */
    private static final int ACCEPT_QUEUE = 4096;

    /** Jetty's default of 8 KiB is less than browsers with many cookies send. */
    private static final int REQUEST_HEADER_BYTES = 32 * 1024;

    private final Server server;
    private final Path socket;

    private HttpEngine(Server server, Path socket) {
        this.server = server;
        this.socket = socket;
    }

    /**
     * Starts an engine.
     *
     * @param handler what answers the requests
     * @param paths which paths the handler takes beside plain ones; the others are answered with 400
     * @param parent where the private directory is made
     * @return a running engine
     * @throws CommandFailure if no private directory or socket can be made; nothing is left behind
     */
    static HttpEngine start(Handler handler, UriCompliance paths, Path parent) {
        Path socket = privateDirectory(parent).resolve("http");
        HttpEngine engine = new HttpEngine(newServer(handler, paths, socket), socket);
        try {
            engine.server.start();
            return engine;
        } catch (Exception e) {
            engine.close();
            throw new CommandFailure(
                    ExitCode.BIND,
                    "cannot listen on the private socket " + Text.escape(socket.toString()) + ": " + e.getMessage()
                            + "; set TMPDIR to a directory with a short name that you may write to",
                    e);
        }
    }

    /**
     * Returns where the engine listens.
     *
     * @return the path of a unix socket
     */
    Path socket() {
        return socket;
    }

    /** Stops: requests in flight get two seconds; then the socket and its directory are removed. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // Stopping is all that is left to do; what a handler throws here changes nothing. It is not destroyed:
            // that would take what all HTTP clients of Jetty in this JVM share.
            Logs.APP.debug("The HTTP engine did not stop in good order.", e);
        }
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(socket.getParent());
        } catch (IOException e) {
            Logs.APP.debug("cannot remove {}: {}", socket, e.getMessage());
        }
    }

    private static Path privateDirectory(Path parent) {
        try {
            return Files.createTempDirectory(parent, "autotls-"); // the JDK makes it with mode 0700
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY,
                    "cannot make a private directory in " + parent + ": " + e.getMessage()
                            + "; set TMPDIR to a directory that you may write to",
                    e);
        }
    }

    private static Server newServer(Handler handler, UriCompliance paths, Path socket) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("http");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(REQUEST_HEADER_BYTES);
        http.setUriCompliance(paths);
        http.addCustomizer(new TlsInFront());
        // For requests that name no host; else Jetty makes one of the socket's path, and fails at that in HTTP/2.
        http.setServerAuthority(new HostPort("localhost"));
        ConnectionFactory http1 = new HttpConnectionFactory(http);
        // HTTP/2 begins with its preface, which the HTTP/1.1 connection recognizes and hands over.
        UnixDomainServerConnector connector = new UnixDomainServerConnector(
                server,
                new ProxyConnectionFactory(http1.getProtocol()),
                http1,
                new HTTP2CServerConnectionFactory(http));
        connector.setUnixDomainPath(socket);
        connector.setIdleTimeout(IDLE_MILLIS);
        // A unix socket whose queue is full refuses at once, where TCP would let the client try again.
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(handler));
        server.setStopTimeout(STOP_MILLIS);
        ErrorHandler errors = new ErrorPages();
        errors.setShowStacks(false);
        errors.setShowCauses(false);
        server.setErrorHandler(errors);
        return server;
    }
}
