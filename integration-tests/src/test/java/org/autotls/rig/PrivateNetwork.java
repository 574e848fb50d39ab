package org.autotls.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.autotls.testkit.Await;

/**
 * A network of its own with nothing but a loopback interface, where every port is free and the name server is 127.0.0.1: for
 * programs that insist on ports 53, 80 and 443. Needs root, or a kernel that lets users make namespaces.
 */
final class PrivateNetwork implements AutoCloseable {

    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    private final ChildProcess holder;

    private PrivateNetwork(ChildProcess holder) {
        this.holder = holder;
    }

    static PrivateNetwork start(Path directory) {
        try {
            Path resolver = Files.writeString(directory.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
            String script = "ip link set lo up && mount --bind " + resolver.toAbsolutePath()
                    + " \"$(readlink -f /etc/resolv.conf)\" && echo ready && exec sleep infinity";
            List<String> command = new ArrayList<>(List.of("unshare", "--net", "--mount"));
            if (!ROOT) {
                command.addAll(List.of("--user", "--map-root-user"));
            }
            command.addAll(List.of("sh", "-c", script));
            PrivateNetwork network = new PrivateNetwork(ChildProcess.start(directory, Map.of(), command));
            network.holder.line("^ready$", Await.HANG_LIMIT);
            return network;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands before a command that is to run in it; the command starts in the root directory. */
    List<String> enter() {
        List<String> enter = new ArrayList<>(List.of("nsenter", "--target", Long.toString(holder.pid())));
        enter.addAll(List.of("--net", "--mount"));
        if (!ROOT) {
            enter.addAll(List.of("--user", "--preserve-credentials"));
        }
        enter.add("--");
        return enter;
    }

    /** Starts a program in it. */
    ChildProcess start(Path directory, Map<String, String> environment, List<String> command) {
        List<String> all = enter();
        all.addAll(command);
        return ChildProcess.start(directory, environment, all);
    }

    /** The network is gone when the last program in it has ended. */
    @Override
    public void close() {
        holder.close();
    }
}
