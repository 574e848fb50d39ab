package org.autotls.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The working copy that the tests run in. */
final class Repository {

    /** Directories that hold nothing of ours. */
    private static final List<String> SKIPPED = List.of(".git", "target", ".rig", ".build", ".idea", ".vscode");

    private Repository() {}

    /** The directory with the two commands in it, found upwards from where the tests run. */
    static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("verify")) && Files.exists(at.resolve("pom.xml"))) {
                return at;
            }
        }
        throw new IllegalStateException(
                "no directory with ./verify above " + Path.of("").toAbsolutePath());
    }

    /** Every file of the project, in no particular order. */
    static List<Path> files() {
        return under(root()).toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> under(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList().stream()
                    .filter(entry -> !SKIPPED.contains(entry.getFileName().toString()))
                    .flatMap(entry -> Files.isDirectory(entry) ? under(entry) : Stream.of(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
