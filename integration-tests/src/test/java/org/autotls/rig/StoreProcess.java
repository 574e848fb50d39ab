package org.autotls.rig;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.autotls.testkit.Await;

/** A {@link StoreChild} that waits to be told, and a strace that looks at it or makes its system calls fail. */
final class StoreProcess implements AutoCloseable {

    private final Process child;
    private final BufferedReader output;

    StoreProcess(String... arguments) throws IOException {
        this(List.of(), arguments);
    }

    StoreProcess(List<String> wrapper, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                StoreChild.class.getName()));
        command.addAll(List.of(arguments));
        child = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = child.inputReader(UTF_8);
    }

    /** The next line that begins with one of these words; log lines are passed over; empty at the end of the output. */
    String next(String... words) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                for (String word : words) {
                    if (line.startsWith(word)) {
                        return line;
                    }
                }
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void go() {
        try {
            child.getOutputStream().write('\n');
            child.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Attaches strace, with options such as an injected fault, and waits until it has all threads. It writes a file for each,
     * {@code log} and the thread's number: in one file, a call during which another thread makes one is two lines.
     */
    Process trace(Path log, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-ff", "-p", Long.toString(child.pid())));
        command.addAll(List.of("-o", log.toString()));
        command.addAll(List.of(options));
        Path says = log.resolveSibling(log.getFileName() + ".err");
        Process strace =
                new ProcessBuilder(command).redirectError(says.toFile()).start();
        Await.until(Await.HANG_LIMIT, () -> attached(says), () -> "strace does not attach");
        return strace;
    }

    private static boolean attached(Path says) {
        try {
            return Files.exists(says) && Files.readString(says).contains("attached");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int exit() throws InterruptedException {
        if (!child.waitFor(Await.HANG_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the child still runs");
        }
        return child.exitValue();
    }

    @Override
    public void close() {
        child.destroyForcibly();
    }
}
