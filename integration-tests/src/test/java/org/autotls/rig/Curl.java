package org.autotls.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.autotls.testkit.Await;

/** A client that is not ours and not Java's, asking over HTTPS. Names resolve to 127.0.0.1. */
final class Curl {

    private final Path root;

    private Curl(Path root) {
        this.root = root;
    }

    static Curl trusting(Path root) {
        return new Curl(root);
    }

    /** Returns the body; the certificate must be valid for {@code name} and the status below 400. */
    String body(String name, int port, String path, String... options) {
        List<String> command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--fail"));
        command.addAll(List.of("--max-time", Long.toString(Await.HANG_LIMIT.toSeconds()), "--cacert", root.toString()));
        command.addAll(List.of("--resolve", name + ":" + port + ":127.0.0.1"));
        command.addAll(List.of(options));
        command.add("https://" + name + ":" + port + path);
        return ChildProcess.run(Await.HANG_LIMIT, command);
    }
}
