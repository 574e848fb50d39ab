package org.autotls.rig;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.autotls.testkit.Await;

/**
 * A program that a test started. Its output, standard and error together, is read as it comes and kept by line.
 *
 * <p><b>Threads.</b> One test thread uses it; a daemon thread reads the output.
 */
final class ChildProcess implements AutoCloseable {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final String name;
    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.reader = new Thread(this::read, "output of " + name);
        this.reader.setDaemon(true);
        this.reader.start();
    }

    static ChildProcess start(Path directory, Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toAbsolutePath().toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new ChildProcess(Path.of(command.get(0)).getFileName().toString(), process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end and returns what it printed; its exit code must be {@code 0}. */
    static String run(Duration limit, List<String> command) {
        try (ChildProcess child = start(Path.of(""), Map.of(), command)) {
            int code = child.exit(limit);
            if (code != 0) {
                throw new AssertionError(String.join(" ", command) + " ended with " + code + ":\n" + child.output());
            }
            return child.output();
        }
    }

    /** Waits for a line in which {@code pattern} is found; lines printed before the call count too. */
    Matcher line(String pattern, Duration limit) {
        Pattern wanted = Pattern.compile(pattern);
        Await.until(limit, () -> find(wanted).isPresent() || !isAlive(), () -> describe("no line with " + pattern));
        return find(wanted).orElseThrow(() -> new AssertionError(describe("ended without a line with " + pattern)));
    }

    private Optional<Matcher> find(Pattern pattern) {
        return lines.stream().map(pattern::matcher).filter(Matcher::find).findFirst();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive() || reader.isAlive();
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    String output() {
        return String.join("\n", lines);
    }

    /** Waits for the end and returns the exit code. */
    int exit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), MILLISECONDS)) {
                throw new AssertionError(describe("still running after " + limit.toSeconds() + " s"));
            }
            reader.join(limit.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Sends SIGTERM; the program must end within five seconds. */
    int terminate() {
        process.toHandle().destroy(); // the process's own method would close its output, too
        return exit(STOP_LIMIT);
    }

    /** Sends SIGKILL: the program gets no chance to tidy up. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        exit(STOP_LIMIT);
    }

    /** Ends the program in whatever way, so that a failed test leaves none behind. */
    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("(the output broke off: " + e + ")");
        }
    }

    private String describe(String what) {
        return name + ": " + what + "; it printed:\n" + output();
    }
}
