package org.autotls.responder;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.autotls.TxtRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a program of the user's write TXT values. It is done when the program ends with 0; whether it keeps what {@link
 * DnsRecords} asks for (others' values stay) is the program's affair.
 *
 * <p>The program gets our environment, no input, and a time limit, after which it and what it started are killed. Of what it
 * prints, the last 8 KiB are kept; they are logged at DEBUG, and escaped in the message if it fails.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads: the program may run several times at once.
 */
public final class HookRecords implements DnsRecords {

    /** How long a program may run unless told otherwise. */
    public static final Duration DEFAULT_LIMIT = Duration.ofMinutes(2);

    private static final int KEPT = 8192;
    private static final int SHOWN = 500;
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(HookRecords.class);

    private final Path program;
    private final HookConvention convention;
    private final Duration limit;
    private final Patience patience;

    /** How a program is waited for: returns whether it ended within the limit. */
    interface Patience {
        boolean ends(Process program, Duration limit) throws InterruptedException;
    }

    /**
     * Makes a writer.
     *
     * @param program what to run; a path, not searched for in {@code PATH}
     * @param convention how to call it
     * @param limit how long it may run
     * @throws IllegalArgumentException if {@code limit} is not positive
     */
    public HookRecords(Path program, HookConvention convention, Duration limit) {
        this(program, convention, limit, (run, most) -> run.waitFor(most.toMillis(), TimeUnit.MILLISECONDS));
    }

    HookRecords(Path program, HookConvention convention, Duration limit, Patience patience) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("hook limit " + limit + ": expected more than zero");
        }
        this.program = requireNonNull(program, "program");
        this.convention = requireNonNull(convention, "convention");
        this.limit = limit;
        this.patience = patience;
    }

    @Override
    public String add(TxtRecord record) {
        run(true, record);
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        run(false, record);
    }

    /** The program and how it is called. */
    @Override
    public String toString() {
        return "hook " + program + " (" + convention.word() + ")";
    }

    private void run(boolean add, TxtRecord record) {
        List<String> command = convention.command(program.toAbsolutePath(), add, record);
        Process process = start(command, record);
        Tail tail = new Tail(process.getInputStream());
        try {
            closeInput(process);
            tail.start();
            if (!patience.ends(process, limit)) {
                end(process);
                tail.join(GRACE.toMillis()); // all that it printed is said
                throw failure(Kind.NETWORK, record, "it did not end within " + limit.toSeconds() + " s", tail);
            }
            // What it left running in the background may hold the pipe open; that is not waited for.
            tail.join(GRACE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IssueException(Kind.STOPPED, this + " was stopped", e);
        } finally {
            end(process);
        }
        if (process.exitValue() != 0) {
            throw failure(Kind.UNPROVED, record, "it ended with " + process.exitValue(), tail);
        }
        LOG.debug("{} for {} printed: {}", this, record.name(), tail.text());
    }

    private static void closeInput(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.trace("it ended before its input was closed", e);
        }
    }

    private Process start(List<String> command, TxtRecord record) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    this + " for " + record.name() + " cannot be started: "
                            + Text.escape(String.valueOf(e.getMessage()))
                            + "; is it there, and executable?",
                    e);
        }
    }

    private static void end(Process process) {
        if (process.isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private IssueException failure(Kind kind, TxtRecord record, String why, Tail tail) {
        String printed = tail.text();
        return new IssueException(
                kind,
                this + " failed for " + record.name() + ": " + why
                        + (printed.isEmpty() ? "; it printed nothing" : "; it printed: " + printed));
    }

    /** Reads all that a program prints, so that it never waits for us, and keeps the end of it. */
    private static final class Tail extends Thread {

        private final InputStream in;
        private byte[] kept = new byte[0];

        Tail(InputStream in) {
            super("autotls-hook-output");
            this.in = in;
            setDaemon(true);
        }

        @Override
        public void run() {
            byte[] buffer = new byte[KEPT];
            try {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    append(buffer, read);
                }
            } catch (IOException e) {
                LOG.trace("the program was ended", e);
            }
        }

        private synchronized void append(byte[] buffer, int read) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            int old = Math.min(kept.length, KEPT - read);
            all.write(kept, kept.length - old, old);
            all.write(buffer, 0, read);
            kept = all.toByteArray();
        }

        synchronized String text() {
            String all = new String(kept, StandardCharsets.UTF_8).strip();
            return Text.escape(all.substring(Math.max(0, all.length() - SHOWN)), SHOWN);
        }
    }
}
