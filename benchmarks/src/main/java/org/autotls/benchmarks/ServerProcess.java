package org.autotls.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server in a process of its own, whose processor time can be told. Ended when closed, and by the end of this process.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
final class ServerProcess implements AutoCloseable {

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*(\\d+) kB");

    private final Process process;
    private final Thread atExit;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.atExit = new Thread(this::destroy);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts a program.
     *
     * @param log gets what it prints
     * @param port where it is going to listen
     * @param command the program and its arguments
     */
    static ServerProcess start(Path log, int port, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new ServerProcess(process, log, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command of a JVM like this one, on the same class path. */
    static List<String> java(List<String> options, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Stream.of(arguments).map(String::valueOf).forEach(command::add);
        return command;
    }

    /** Finds a program of the system. */
    static Optional<Path> find(String program) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(directory -> Path.of(directory).resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A port that nobody listens on at the moment. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /**
     * Asks every 10 ms whether something is so.
     *
     * @throws IllegalStateException if the program ends before, or the time is up
     */
    void await(Duration limit, BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            try {
                if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() - begin > limit.toNanos()) {
                    throw new IllegalStateException(
                            "the server did not start; what it printed is\n" + Files.readString(log));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** The processor time that it and what it started have used, user and system; in steps of 10 ms. */
    Duration cpu() {
        return all().map(handle -> handle.info().totalCpuDuration().orElseThrow())
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** The memory that it and what it started have, in MiB; what several processes share is counted for each. */
    double residentMebibytes() {
        return all().mapToLong(handle -> {
                            try {
                                Matcher found = RESIDENT.matcher(
                                        Files.readString(Path.of("/proc/" + handle.pid() + "/status")));
                                return found.find() ? Long.parseLong(found.group(1)) : 0;
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        })
                        .sum()
                / 1024.0;
    }

    private Stream<ProcessHandle> all() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    private void destroy() {
        all().toList().forEach(ProcessHandle::destroy);
    }

    @Override
    public void close() {
        destroy();
        process.onExit().join();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
