package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Another JVM that takes ports, says what it got, and keeps it until it is killed. */
final class PortHolder implements AutoCloseable {

    private static final String ANSWER = "answer ";

    private final Process process;
    private final BufferedReader output;

    private PortHolder(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                PortHolder.class.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = process.inputReader(UTF_8);
    }

    /** One that takes these ports in a file of reservations. */
    static PortHolder taking(Path file, int... ports) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(file.toString()));
        for (int port : ports) {
            arguments.add(Integer.toString(port));
        }
        return new PortHolder(arguments.toArray(String[]::new));
    }

    /** One that asks {@link FreePorts} for a port, and is offered this one first. */
    static PortHolder offered(int port) throws IOException {
        return new PortHolder(Integer.toString(port));
    }

    /** Its next answer. */
    String answer() {
        StringBuilder said = new StringBuilder();
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(ANSWER)) {
                    return line.substring(ANSWER.length());
                }
                said.append(line).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("it ended:\n" + said);
    }

    /** Kills it: it gets no chance to give anything back. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("cannot be killed");
        }
    }

    public static void main(String... arguments) throws IOException {
        if (arguments.length == 1) {
            answer(FreePorts.next(new AtomicInteger(Integer.parseInt(arguments[0]) - FreePorts.FIRST)));
        } else {
            PortReservations reservations = new PortReservations(Path.of(arguments[0]));
            for (int i = 1; i < arguments.length; i++) {
                answer(reservations.take(Integer.parseInt(arguments[i])));
            }
        }
        if (System.in.read() >= 0) {
            throw new IllegalStateException("nobody writes to it");
        }
    }

    private static void answer(Object what) {
        System.out.println(ANSWER + what);
    }
}
