package org.autotls.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.autotls.testkit.Await;

/** {@code openssl s_client}: one handshake, and what it says about it. */
final class OpensslClient {

    private OpensslClient() {}

    /**
     * What came of one handshake.
     *
     * @param code s_client's exit code; {@code 0} if the handshake was done
     * @param output everything it printed
     */
    record Handshake(int code, String output) {

        boolean done() {
            return code == 0;
        }

        /** Whether the chain led to the trusted root and the leaf is for the name. */
        boolean verified() {
            return done() && output.contains("Verify return code: 0 (ok)"); // it says so of no certificate, too
        }

        Optional<String> protocol() {
            return first("Protocol *: *(\\S+)").or(() -> first("New, (\\S+), Cipher"));
        }

        Optional<String> alpn() {
            return first("ALPN protocol: (\\S+)");
        }

        /** Whether a session that was offered was taken. */
        boolean resumed() {
            return output.contains("Reused, ");
        }

        /** The alert that the server sent, by number: 112 is unrecognized_name, 120 no_application_protocol. */
        Optional<String> alert() {
            return first("SSL alert number (\\d+)");
        }

        private Optional<String> first(String pattern) {
            Matcher matcher = Pattern.compile(pattern).matcher(output);
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        }
    }

    /** Connects with {@code name} as SNI, and checks the certificate against {@code root} and the name. */
    static Handshake connect(int port, String name, Path root, String... options) {
        List<String> more = new ArrayList<>(List.of("-servername", name, "-verify_hostname", name));
        more.addAll(List.of("-CAfile", root.toString()));
        more.addAll(List.of(options));
        return connect(port, more.toArray(String[]::new));
    }

    /** Connects with these options and nothing else. */
    static Handshake connect(int port, String... options) {
        return run(command(port, options));
    }

    /** Connects, asks for a page, and stays for the answer: with TLS 1.3 what a session needs comes after the handshake. */
    static Handshake request(int port, String name, Path root, String... options) {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | \"$@\"", "sh"));
        command.addAll(command(port, options));
        command.addAll(List.of("-ign_eof", "-servername", name, "-CAfile", root.toString()));
        return run(command);
    }

    private static List<String> command(int port, String... options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options));
        return command;
    }

    private static Handshake run(List<String> command) {
        try (ChildProcess client = ChildProcess.start(Path.of(""), Map.of(), command)) {
            return new Handshake(client.exit(Await.HANG_LIMIT), client.output());
        }
    }

    /** The serial number of the certificate shown for {@code name}; empty if there was no handshake. */
    static Optional<String> serial(int port, String name, Path root, String... options) {
        Handshake handshake = connect(port, name, root, options);
        Matcher pem = Pattern.compile("(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----")
                .matcher(handshake.output());
        return pem.find()
                ? Optional.of(Certificates.parse(pem.group()).getSerialNumber().toString(16))
                : Optional.empty();
    }
}
