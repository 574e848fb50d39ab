package org.autotls.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The command of this repository, {@code ./autotls}, run as its users run it, on the JDK that runs the tests. */
final class Autotls {

    private static final int NOBODY = 65_534;

    private Autotls() {}

    static String command() {
        return Repository.root().resolve("autotls").toString();
    }

    /** Starts it in {@code directory}; the first run of all may build it. */
    static ChildProcess start(Path directory, String... arguments) {
        return start(directory, environment(), arguments);
    }

    /** As above, with {@link #environment} or one made from it. */
    static ChildProcess start(Path directory, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(command());
        command.addAll(List.of(arguments));
        return ChildProcess.start(directory, environment, command);
    }

    /** Starts it in another network. */
    static ChildProcess startIn(PrivateNetwork network, Path directory, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(command());
        command.addAll(List.of(arguments));
        return network.start(directory, environment(), command);
    }

    /**
     * Starts it as a user without rights. A test that runs as root becomes nobody, and gives {@code directory} away with all
     * that is in it; one that does not is such a user already.
     */
    static ChildProcess startUnprivileged(Path directory, String... arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            giveAway(directory);
            // A network of its own has the kernel's default for which ports need a right, whatever this machine has.
            command.addAll(List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"));
            command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        }
        command.add(command());
        command.addAll(List.of(arguments));
        return ChildProcess.start(directory, environment(), command);
    }

    private static void giveAway(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.toList()) {
                Files.setAttribute(path, "unix:uid", NOBODY);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts it under strace, which kills the whole program at the given call of a system call, counted for each thread on its
     * own.
     */
    static ChildProcess startTraced(Path directory, String systemCall, int number, String... arguments) {
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null", "-e"));
        command.add("trace=" + systemCall);
        command.add("-e");
        command.add("inject=" + systemCall + ":signal=SIGKILL:when=" + number);
        command.add(command());
        command.addAll(List.of(arguments));
        return ChildProcess.start(directory, environment(), command);
    }

    /** Programs that live for seconds: the first compiler is enough. */
    static Map<String, String> environment() {
        return environment("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    }

    /** Programs that compute for seconds, such as for a large RSA key: with both compilers that takes half the time. */
    static Map<String, String> environmentForMuchComputing() {
        return environment("-XX:+UseSerialGC");
    }

    /** With these options for the JVM and no others. */
    static Map<String, String> environment(String... options) {
        return Map.of("JAVA_HOME", System.getProperty("java.home"), "AUTOTLS_JAVA_OPTS", String.join(" ", options));
    }

    /** What follows {@code web --port}: issue from {@code ca} into {@code store} and serve where it validates tls-alpn-01. */
    static String endpoint(AcmeCa ca, Path store, int port) {
        String url = ca.acme().toString().replace(":", "\\:");
        return "acme:" + url + ":" + store + ":tcp:" + port + ":interface=127.0.0.1";
    }
}
