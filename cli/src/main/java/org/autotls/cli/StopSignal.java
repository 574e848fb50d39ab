package org.autotls.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.autotls.netty.ListeningPort;

/**
 * How SIGTERM and SIGINT become a clean stop: a server's main thread waits in {@link #await}, closes what it opened, and the
 * process ends with the command's own exit code (0) instead of the JVM's 143, which service managers take for a failure. A
 * command that is no server ends as the JVM does it.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class StopSignal {

    /**
     * The promise is five seconds; what has not closed by then is left to the end of the process. A command needs less: the
     * HTTP engine 2 s at most, the last bytes to clients 0.3 s, the issuing service 1.3 s and its store and CA 1 s.
     */
    private static final long LIMIT_MILLIS = 4_700;

    private static final int TERMINATED = 143;

    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile boolean serving;

    /** Makes the JVM's shutdown call this signal. */
    void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "autotls-stop"));
    }

    /** Says that a server is being started: from here on a signal waits for it to close what it opened. */
    void serve() {
        serving = true;
    }

    /** Waits until the process is asked to stop. */
    void await() {
        asked.join();
        Logs.APP.info("Stopping.");
    }

    /**
     * Waits for a port to listen, or until the process is asked to stop.
     *
     * @throws CommandFailure with exit code 0 if it was asked to stop first; the port is closed
     */
    ListeningPort orStop(CompletionStage<ListeningPort> work) {
        CompletableFuture<ListeningPort> listening = work.toCompletableFuture();
        try {
            CompletableFuture.anyOf(listening, asked).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
        if (listening.cancel(false)) {
            throw new CommandFailure(ExitCode.OK, "stopped before it was ready");
        }
        return listening.join();
    }

    /** Asks the server to stop. */
    void ask() {
        asked.complete(null);
    }

    /** Says that the command has closed everything and ends with {@code code}. */
    void ended(int code) {
        ended.complete(code);
    }

    private void onShutdown() {
        if (ended.isDone() || !serving) {
            return;
        }
        asked.complete(null);
        int code = ended.completeOnTimeout(TERMINATED, LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .join();
        Runtime.getRuntime().halt(code); // exit would wait for this very thread
    }
}
