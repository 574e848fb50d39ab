package org.autotls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Names this process in a lease so that, after a crash, the next one on the same machine need not wait for the lease to end:
 * it can see that its holder is dead. Elsewhere, or where {@code /proc} does not say what machine this is, nobody is ever
 * taken for dead and the lease ends by its time. Stateless.
 */
final class LeaseOwner {

    private static final String SEPARATOR = "/";
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    /** Containers share a kernel, not process numbers. */
    private static final Path PROCESSES = Path.of("/proc/self/ns/pid");

    private LeaseOwner() {}

    /**
     * Returns a name for one service in this process.
     *
     * @param random tells services in one process apart
     * @return machine, process, its start, and a random number
     */
    static String ofThisProcess(RandomGenerator random) {
        ProcessHandle self = ProcessHandle.current();
        return String.join(
                SEPARATOR,
                machine().orElse("unknown"),
                Long.toString(self.pid()),
                Long.toString(start(self)),
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
        if (parts.length != 4 || !machine().equals(Optional.of(parts[0]))) {
            return false;
        }
        try {
            long started = Long.parseLong(parts[2]);
            return ProcessHandle.of(Long.parseLong(parts[1]))
                    .map(process -> !process.isAlive() || start(process) != started)
                    .orElse(true);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
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
