package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;

/** Fetches {@code /} over https with the program {@code curl}, from the loopback address under any name. */
final class CurlProbe {

    private static final String SECONDS = "20";
    private static final String VERSION = "\nversion ";

    private final Path directory;
    private final Path root;

    /** The client trusts this root; files go into the directory. */
    CurlProbe(Path directory, X509Certificate root) {
        this.directory = directory;
        this.root = write("root.pem", pem("CERTIFICATE", encoded(root)));
    }

    /** What came back; exit code 0 if curl was content. */
    record Answer(int exitCode, String body, String httpVersion) {}

    /** Options that offer one protocol by ALPN; {@code none} for no ALPN at all. */
    static String[] protocol(String name) {
        return switch (name) {
            case "h2" -> new String[] {"--http2"};
            case "http/1.1" -> new String[] {"--http1.1"};
            case "none" -> new String[] {"--http1.1", "--no-alpn"};
            default -> throw new IllegalArgumentException("protocol " + name);
        };
    }

    static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }

    Answer fetch(String host, int port, String... options) {
        List<String> command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--max-time", SECONDS));
        command.addAll(List.of("--cacert", root.toString(), "--resolve", host + ":" + port + ":127.0.0.1"));
        command.addAll(List.of("--write-out", VERSION.replace("\n", "\\n") + "%{http_version}"));
        command.addAll(List.of(options));
        command.add("https://" + host + ":" + port + "/");
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int end = output.lastIndexOf(VERSION);
            return end < 0
                    ? new Answer(process.waitFor(), output, "")
                    : new Answer(process.waitFor(), output.substring(0, end), output.substring(end + VERSION.length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As a client that shows a certificate. */
    Answer fetchAs(CertificateBundle client, String host, int port, String... options) {
        StringBuilder chain = new StringBuilder();
        client.chain().forEach(certificate -> chain.append(pem("CERTIFICATE", encoded(certificate))));
        Path certificate = write("client.pem", chain.toString());
        Path key = write("client.key", pem("PRIVATE KEY", client.privateKey().getEncoded()));
        return fetch(host, port, with(options, "--cert", certificate.toString(), "--key", key.toString()));
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }
}
