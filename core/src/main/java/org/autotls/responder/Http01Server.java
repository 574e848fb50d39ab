package org.autotls.responder;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.autotls.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plain HTTP port, usually 80, that does two things: answers http-01 challenges, and redirects everything else to https
 * on the same host.
 *
 * <p>What is answered, {@link PlainHttp} decides. One request per connection: the JDK's own server has no deadline for a slow client and no bound on waiting ones, so this one
 * reads at most 8 KiB of request for at most 5 s, serves at most 64 clients at a time and closes what comes beyond.
 *
 * <p><b>Threads.</b> Safe for many threads; runs on daemon threads of its own. {@link #close} takes less than a second.
 */
public final class Http01Server implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Http01Server.class);

    private static final int BACKLOG = 128;
    private static final int CLIENTS = 64;
    private static final int LONGEST_REQUEST = 8192;
    private static final int MOST_IGNORED = 1 << 16;
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(500);

    private final ServerSocket socket;
    private final PlainHttp answers;
    private final Duration deadline;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final ExecutorService workers;

    private Http01Server(ServerSocket socket, PlainHttp answers, Duration deadline) {
        this.socket = socket;
        this.answers = answers;
        this.deadline = deadline;
        this.workers = new ThreadPoolExecutor(0, CLIENTS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, "autotls-http-01");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Binds the port and starts to answer.
     *
     * @param address where to listen
     * @param answers what each request is answered with
     * @return the running server
     * @throws IOException if the port is taken, or below 1024 without the right to bind it; the message says which
     */
    public static Http01Server start(InetSocketAddress address, PlainHttp answers) throws IOException {
        return start(address, answers, DEADLINE);
    }

    /** As above; {@code deadline} is how long one client may take. */
    static Http01Server start(InetSocketAddress address, PlainHttp answers, Duration deadline) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            socket.close();
            BindException told = new BindException(
                    "cannot listen for http-01 on port " + address.getPort() + ": " + reason(address, e));
            told.initCause(e);
            throw told;
        }
        Http01Server server = new Http01Server(socket, answers, deadline);
        Thread accepting = new Thread(server::accept, "autotls-http-01-accept");
        accepting.setDaemon(true);
        accepting.start();
        LOG.info("answering http-01 challenges on port {}", server.address().getPort());
        return server;
    }

    private static String reason(InetSocketAddress address, IOException cause) {
        String said = String.valueOf(cause.getMessage());
        String lower = said.toLowerCase(Locale.ROOT);
        if (lower.contains("permission denied")) {
            return "this user may not use a port below 1024. One of these helps: start it from a systemd unit with"
                    + " AmbientCapabilities=CAP_NET_BIND_SERVICE; give the java binary the right (setcap"
                    + " cap_net_bind_service=+ep); or listen on a high port to which port " + address.getPort()
                    + " is redirected";
        }
        return lower.contains("already in use")
                ? "it is taken by another program; 'ss -ltnp sport = :" + address.getPort() + "' shows which"
                : Text.escape(said);
    }

    /**
     * Returns where the server listens.
     *
     * @return the bound address, with its real port
     */
    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** Stops listening and drops the clients. May be repeated. */
    @Override
    public void close() {
        closeQuietly(socket);
        workers.shutdownNow();
        clients.forEach(Http01Server::closeQuietly);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                clients.add(client);
                try {
                    workers.execute(() -> serve(client));
                } catch (RejectedExecutionException e) {
                    drop(client); // too many at once, or closed
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.warn("Accepting on {} failed: {}", address(), e.toString());
                    LockSupport.parkNanos(
                            ACCEPT_PAUSE.toNanos()); // out of file descriptors, say: it would fail at once
                }
            }
        }
    }

    private void serve(Socket client) {
        long until = System.nanoTime() + deadline.toNanos();
        try {
            HttpRequestHead head = HttpRequestHead.parse(readHead(client, until));
            PlainHttpReply reply = head.isSound()
                    ? answers.answer(head.method(), head.host(), head.target())
                    : PlainHttpReply.BAD_REQUEST;
            client.getOutputStream().write(encode(reply, head.method().equals("HEAD")));
            client.shutdownOutput();
            ignoreRest(client, until);
        } catch (IOException | RuntimeException e) {
            LOG.debug("A client of {} went wrong: {}", address(), e.toString());
        } finally {
            drop(client);
        }
    }

    /** A whole HTTP/1.1 reply; the connection closes after it. */
    private static byte[] encode(PlainHttpReply reply, boolean headOnly) {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + reply.status() + " " + reply.reason() + "\r\n");
        reply.headers().forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
        text.append("Content-Length: " + reply.body().length() + "\r\nConnection: close\r\n\r\n");
        return text.append(headOnly ? "" : reply.body()).toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String readHead(Socket client, long until) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        InputStream in = client.getInputStream();
        byte[] buffer = new byte[1024];
        while (true) {
            int count = readUntil(client, in, buffer, until);
            if (count < 0) {
                throw new IOException("closed before the request ended");
            }
            head.write(buffer, 0, count);
            if (head.size() > LONGEST_REQUEST) {
                return ""; // no sound request
            }
            String text = head.toString(StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0) {
                return text.substring(0, end);
            }
        }
    }

    /** Reads what else was sent, so that closing does not reset the connection before the reply has been read. */
    private static void ignoreRest(Socket client, long until) throws IOException {
        byte[] buffer = new byte[4096];
        int ignored = 0;
        InputStream in = client.getInputStream();
        for (int count = 0; count >= 0 && ignored < MOST_IGNORED; ignored += Math.max(count, 0)) {
            count = readUntil(client, in, buffer, until);
        }
    }

    /** One read under the total deadline: a client that drips bytes does not get a new one each time. */
    private static int readUntil(Socket client, InputStream in, byte[] buffer, long until) throws IOException {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
            throw new IOException("too slow");
        }
        client.setSoTimeout((int) left);
        return in.read(buffer);
    }

    private void drop(Socket client) {
        clients.remove(client);
        closeQuietly(client);
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            LOG.debug("Closing failed", e);
        }
    }
}
