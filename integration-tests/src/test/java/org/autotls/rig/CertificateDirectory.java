package org.autotls.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.autotls.testkit.Await;

/** A certificate directory as another program sees it: files, read without our code. */
final class CertificateDirectory {

    private final Path path;

    /** One that exists. */
    CertificateDirectory(Path path) {
        this.path = path;
    }

    /** Makes the directory, with an empty entry for each name: "issue this one". */
    static CertificateDirectory asking(Path path, String... names) {
        try {
            Files.createDirectories(path);
            for (String name : names) {
                Files.createFile(path.resolve(name + ".pem"));
            }
            return new CertificateDirectory(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that may be there already. */
    static CertificateDirectory at(Path path) {
        return new CertificateDirectory(path);
    }

    Path path() {
        return path;
    }

    Path entry(String name) {
        return path.resolve(name + ".pem");
    }

    boolean issued(String name) {
        return Files.exists(entry(name)) && Repository.read(entry(name)).contains("-----BEGIN CERTIFICATE-----");
    }

    /** Empties an entry, as a person would who wants another certificate at once. */
    void askAgain(String name) {
        try {
            Files.newByteChannel(entry(name), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
                    .close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    X509Certificate leaf(String name) {
        return Certificates.parse(Repository.read(entry(name)));
    }

    /** Waits until all are issued; {@code process} is who should be doing it. */
    void awaitIssued(ChildProcess process, String... names) {
        Await.until(
                Await.HANG_LIMIT,
                () -> Arrays.stream(names).allMatch(this::issued) || !process.isAlive(),
                () -> missing(names) + " not issued; the program printed:\n" + process.output());
        if (!missing(names).isEmpty()) {
            throw new AssertionError("ended without " + missing(names) + "; it printed:\n" + process.output());
        }
    }

    /** All files in it and below, as paths relative to it. */
    List<String> files() {
        try (Stream<Path> all = Files.walk(path)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> path.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> missing(String... names) {
        return Arrays.stream(names).filter(name -> !issued(name)).toList();
    }
}
