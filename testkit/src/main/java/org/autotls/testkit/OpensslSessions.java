package org.autotls.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
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

/**
 * The {@code openssl s_client} program as a client that offers any session under any name, which a well-behaved client never
 * does. One thread at a time.
 */
final class OpensslSessions {

    /** Without a Host header, so that any server answers, and then closes even if it ignores the second line (helidon#12324). */
    private static final String REQUEST = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

    private static final String ANSWER = "\nHTTP/1.";

    /** A line that s_client takes for itself: it closes the connection as a client should, and ends. */
    private static final String QUIT = "Q\n";

    private static final String TIMEOUT_SECONDS = "30";

    /** What {@code timeout} exits with when time was up. */
    private static final int TIMED_OUT = 124;

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
        List<String> command = new ArrayList<>(
                List.of("timeout", TIMEOUT_SECONDS, "openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(session);
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = converse(process);
            if (process.waitFor() == TIMED_OUT) {
                throw new IllegalStateException("openssl hangs: " + command);
            }
            Files.writeString(directory.resolve("output"), output, StandardCharsets.ISO_8859_1);
            return outcome(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends as soon as there is an answer: some servers wait for the client to close first, as long as it may be idle. */
    private static String converse(Process process) throws IOException {
        StringBuilder said = new StringBuilder();
        tell(process, REQUEST);
        try (Reader output = process.inputReader(StandardCharsets.ISO_8859_1)) {
            boolean answered = false;
            char[] buffer = new char[8192];
            for (int read = output.read(buffer); read >= 0; read = output.read(buffer)) {
                said.append(buffer, 0, read);
                if (!answered && said.indexOf(ANSWER) >= 0) {
                    answered = true;
                    tell(process, QUIT);
                }
            }
        }
        return said.toString();
    }

    /** A program that has ended takes nothing any more; its output tells why. The JDK closes the pipe then. */
    private static void tell(Process process, String text) {
        try {
            OutputStream input = process.getOutputStream();
            input.write(text.getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } catch (IOException e) {
            return;
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
