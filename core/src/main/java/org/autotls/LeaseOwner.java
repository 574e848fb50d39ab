package org.autotls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Names this process in a lease so that, after a crash, the next one on the same machine need not wait for the lease to end:
 * it can see that its holder is dead. Elsewhere, or where {@code /proc} does not say what machine this is, nobody is ever
 * taken for dead and the lease ends by its time. Stateless.
 *
 * <p>Process numbers are used again, so the process's start is part of the name: in ticks since the machine was booted. The
 * JDK's {@code startInstant} is a time of day, which is another one, for a process that runs, once the clock has been set.
 */
final class LeaseOwner {

    private static final String SEPARATOR = "/";
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    /** Containers share a kernel, not process numbers. */
    private static final Path PROCESSES = Path.of("/proc/self/ns/pid");

    private static final Path PROC = Path.of("/proc");
    private static final String UNKNOWN = "unknown";

    /** Behind the program's name; field 22 of {@code /proc/PID/stat}, see proc(5). */
    private static final int START = 19;

    /** Tells a start in ticks from the times that were written here before. */
    private static final String TICKS = "t";

    private LeaseOwner() {}

    /**
     * Returns a name for one service in this process.
     *
     * @param random tells services in one process apart
     * @return machine, process, its start, and a random number
     */
    static String ofThisProcess(RandomGenerator random) {
        long self = ProcessHandle.current().pid();
        return String.join(
                SEPARATOR,
                machine().orElse(UNKNOWN),
                Long.toString(self),
                startOf(self),
                Long.toHexString(random.nextLong()));
    }

    /**
     * Tells whether the process that holds a lease has certainly ended.
     *
     * @param owner what {@link #ofThisProcess} returned, in whatever process
     * @return true only if it ran on this machine and is no more
     */
    static boolean isGone(String owner) {
        String[] parts = owner.split(SEPARATOR, -1);
        if (parts.length != 4 || !parts[2].startsWith(TICKS) || !machine().equals(Optional.of(parts[0]))) {
            return false;
        }
        try {
            return start(stat(Long.parseLong(parts[1])))
                    .filter(start -> !start.equals(parts[2]))
                    .isPresent();
        } catch (NoSuchFileException e) {
            return Files.exists(PROC.resolve("1")); // or other users' processes are not shown
        } catch (NumberFormatException | IOException e) {
            return false;
        }
    }

    private static String startOf(long process) {
        try {
            return start(stat(process)).orElse(UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    private static String stat(long process) throws IOException {
        return Files.readString(PROC.resolve(Long.toString(process)).resolve("stat"), StandardCharsets.ISO_8859_1);
    }

    /** Reads when a process began from what its {@code stat} says. */
    static Optional<String> start(String stat) {
        String[] behindName = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        return behindName.length > START ? Optional.of(TICKS + behindName[START]) : Optional.empty();
    }

    private static Optional<String> machine() {
        try {
            return Optional.of(Files.readString(BOOT).strip() + "-"
                    + Files.readSymbolicLink(PROCESSES).toString().replaceAll("[^0-9]", ""));
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return Optional.empty();
        }
    }
}
