package org.autotls.store;

import static java.nio.file.FileVisitResult.CONTINUE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.internal.DurableFiles;
import org.autotls.internal.StateKeys;

/**
 * Texts in files: {@code .autotls/state/<number of segments>/<segment>/…/<segment>}. With the number in front, no key's file
 * can stand where another key needs a directory ({@code a} and {@code a/b}), so keys and files map one to one.
 */
final class DirectoryState implements StateStore {

    /** Of a text of a million characters, none of which needs more than three bytes. */
    private static final int MAXIMUM = 3 * StateKeys.MAX_TEXT;

    private final OwnDirectory directory;
    private final InstantSource clock;
    private final BadFiles bad;

    DirectoryState(OwnDirectory directory, InstantSource clock, BadFiles bad) {
        this.directory = directory;
        this.clock = clock;
        this.bad = bad;
    }

    @Override
    public Optional<Entry> find(String key) {
        Path file = file(key);
        try {
            Optional<SmallFile> content = SmallFile.read(file, MAXIMUM);
            return content.isEmpty() ? Optional.empty() : entry(file, content.get());
        } catch (IOException e) {
            throw StoreFailures.of("cannot read the state '" + key + "'", e);
        }
    }

    private Optional<Entry> entry(Path file, SmallFile content) throws IOException {
        try {
            if (content.tooLarge()) {
                throw new CharacterCodingException();
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content.bytes()))
                    .toString();
            return Optional.of(new Entry(text, content.revision()));
        } catch (CharacterCodingException e) {
            bad.report(
                    file,
                    BadFiles.Fault.CONTENT,
                    content.revision().value(),
                    "is not a text that autotls wrote: set aside");
            if (!directory.isReadOnly()) {
                directory.locked(() -> bad.moveAside(file));
            }
            return Optional.empty();
        }
    }

    @Override
    public Optional<Revision> save(String key, String text, Revision expected) {
        Path file = file(key);
        directory.requireWritable("save the state '" + key + "'");
        if (text.length() > StateKeys.MAX_TEXT) {
            throw StoreException.fatal("the text for '" + key + "' has " + text.length() + " characters; at most "
                    + StateKeys.MAX_TEXT + " are kept");
        }
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        try {
            return directory.save(() -> withDirectories(file), content, expected, MAXIMUM);
        } catch (IOException e) {
            throw StoreFailures.of("cannot save the state '" + key + "'", e);
        }
    }

    @Override
    public void delete(String key) {
        Path file = file(key);
        directory.requireWritable("delete the state '" + key + "'");
        try {
            directory.locked(() -> {
                if (Files.deleteIfExists(file)) {
                    DurableFiles.forceDirectory(DurableFiles.parent(file));
                }
                return true;
            });
        } catch (IOException e) {
            throw StoreFailures.of("cannot delete the state '" + key + "'", e);
        }
    }

    @Override
    public List<String> keys(String prefix) {
        if (!prefix.isEmpty()) {
            StateKeys.check(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : "/");
        }
        List<String> keys = new ArrayList<>();
        try (DirectoryStream<Path> trees = Files.newDirectoryStream(directory.state())) {
            for (Path tree : trees) {
                if (hasKeysUnder(tree, prefix)) {
                    collect(tree, prefix, keys);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of(); // nothing was ever saved
        } catch (IOException e) {
            throw StoreFailures.of("cannot list the states under '" + prefix + "'", e);
        }
        return List.copyOf(keys);
    }

    /** Keys of fewer segments than the prefix cannot begin with it; of as many, neither. */
    private static boolean hasKeysUnder(Path tree, String prefix) {
        long segments = prefix.chars().filter(c -> c == '/').count();
        String number = String.valueOf(tree.getFileName());
        return number.matches("[0-9]{1,9}") && Long.parseLong(number) > segments;
    }

    private static void collect(Path tree, String prefix, List<String> keys) throws IOException {
        Files.walkFileTree(tree.resolve(prefix), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                keys.add(tree.relativize(file).toString());
                return CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return CONTINUE; // deleted meanwhile, or no key of so many segments begins like this
                }
                throw failure;
            }
        });
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    private Path file(String key) {
        String[] segments = StateKeys.check(key).split("/", -1);
        Path path = directory.state().resolve(String.valueOf(segments.length));
        for (String segment : segments) {
            path = path.resolve(segment);
        }
        return path;
    }

    private Path withDirectories(Path file) throws IOException {
        Path made = directory.state();
        for (Path segment : directory.state().relativize(DurableFiles.parent(file))) {
            made = made.resolve(segment);
            DurableFiles.createOwnDirectory(made);
        }
        return file;
    }
}
