package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.autotls.testkit.Await;

/** Programs that get certificates from a CA behind a proxy by http-01, each as its users run it, with a directory of its own. */
final class AcmeClients {

    static final String FIRST = "first.example";
    static final String SECOND = "second.example";

    private AcmeClients() {}

    /** Three things that users do, one after the other. */
    interface Client {

        /** Issues a first certificate; there is no account yet. */
        void issueFirst();

        /** Issues a certificate for another name, in a new run of the program. */
        void issueSecond();

        /** Renews the first certificate, which is not due, in a new run of the program. */
        void renewFirst();
    }

    static Client autotls(PebbleCa ca, CaProxy proxy, Path directory) {
        return new Commands(made(directory), Autotls.environment()) {
            @Override
            List<String> command(String what, String name) {
                List<String> command =
                        new ArrayList<>(List.of(Autotls.command(), what.equals("run") ? "issue" : what, name));
                if (what.equals("renew")) {
                    command.add("--force");
                }
                command.addAll(List.of("--certs", directory.toString(), "--agree-tos"));
                command.addAll(List.of("--http-port", Integer.toString(ca.httpPort())));
                command.addAll(List.of("--acme", proxy.acme().toString(), "--acme-root"));
                command.add(proxy.httpsRoot().toString());
                return command;
            }
        };
    }

    static Client lego(PebbleCa ca, CaProxy proxy, Path directory) {
        return new Commands(
                made(directory),
                Map.of("LEGO_CA_CERTIFICATES", proxy.httpsRoot().toString())) {
            @Override
            List<String> command(String what, String name) {
                List<String> command = new ArrayList<>(List.of("lego", "--accept-tos", "--email", "rig@example.test"));
                command.addAll(List.of("--server", proxy.acme().toString(), "--path", directory.toString()));
                command.addAll(List.of("--http", "--http.port", "127.0.0.1:" + ca.httpPort()));
                command.addAll(List.of("--domains", name, what));
                if (what.equals("renew")) {
                    command.addAll(List.of("--days", "1000", "--no-random-sleep"));
                }
                return command;
            }
        };
    }

    /** Programs that do one thing and end. */
    private abstract static class Commands implements Client {

        private final Path directory;
        private final Map<String, String> environment;

        Commands(Path directory, Map<String, String> environment) {
            this.directory = directory;
            this.environment = environment;
        }

        /** @param what {@code run} or {@code renew} */
        abstract List<String> command(String what, String name);

        private void run(String what, String name) {
            try (ChildProcess child = ChildProcess.start(directory, environment, command(what, name))) {
                assertThat(child.exit(Await.HANG_LIMIT)).as(child.output()).isZero();
            }
        }

        @Override
        public void issueFirst() {
            run("run", FIRST);
        }

        @Override
        public void issueSecond() {
            run("run", SECOND);
        }

        @Override
        public void renewFirst() {
            run("renew", FIRST);
        }
    }

    static Client caddy(PebbleCa ca, CaProxy proxy, Path directory) {
        return new CaddyClient(ca, proxy, made(directory));
    }

    private static Path made(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
