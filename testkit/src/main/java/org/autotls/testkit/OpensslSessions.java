package org.autotls.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The {@code openssl s_client} program as a client that offers any session under any name, which a well-behaved client never
 * does. One thread at a time.
 */
final class OpensslSessions {

    /** Without a Host header, so that any server answers, and then closes even if it ignores the second line (helidon#12324). */
    private static final String REQUEST = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

    private static final int TIMEOUT_SECONDS = 30;

    /** What became of a handshake. */
    enum Outcome {
        NEW,
        REUSED,
        REFUSED
    }

    private final int port;
    private final Path directory;

    OpensslSessions(int port, Path directory) {
        this.port = port;
        this.directory = directory;
    }

    /**
     * Does a handshake, asks for a page so that tickets have arrived, and keeps the session.
     *
     * @param keepAs the file for the session
     * @param arguments of s_client
     */
    Outcome begin(String keepAs, String... arguments) {
        return run(List.of("-sess_out", directory.resolve(keepAs).toString()), arguments);
    }

    /** Offers a kept session, if the server gave out one that could be. */
    Outcome offer(String kept, String... arguments) {
        Path file = directory.resolve(kept);
        return run(Files.exists(file) ? List.of("-sess_in", file.toString()) : List.of(), arguments);
    }

    /** Does a full handshake; returns the leaf that the server showed, or empty if it refused. */
    Optional<X509Certificate> leaf(String... arguments) {
        if (run(List.of("-showcerts"), arguments) == Outcome.REFUSED) {
            return Optional.empty();
        }
        try {
            String said = Files.readString(directory.resolve("output"), StandardCharsets.ISO_8859_1);
            int begin = said.indexOf("-----BEGIN CERTIFICATE-----");
            if (begin < 0) { // refused after ServerHello, and openssl saw no alert before the end
                return Optional.empty();
            }
            byte[] pem = said.substring(begin).getBytes(StandardCharsets.ISO_8859_1);
            return Optional.of((X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private Outcome run(List<String> session, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-ign_eof"));
        command.addAll(session);
        command.addAll(List.of(arguments));
        try {
            Path request = Files.writeString(directory.resolve("request"), REQUEST);
            Path output = directory.resolve("output");
            Process process = new ProcessBuilder(command)
                    .redirectInput(request.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("openssl hangs: " + command);
            }
            return outcome(Files.readString(output, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Outcome outcome(String output) {
        if (output.contains("SSL alert number")) { // it then still prints what the offered session was
            return Outcome.REFUSED;
        }
        if (output.contains("\nReused, TLS")) {
            return Outcome.REUSED;
        }
        return output.contains("\nNew, TLS") ? Outcome.NEW : Outcome.REFUSED;
    }
}
