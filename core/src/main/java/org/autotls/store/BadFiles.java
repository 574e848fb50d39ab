package org.autotls.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.autotls.Text;
import org.autotls.internal.DurableFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files whose content cannot be used: decides when one is no longer being written, keeps it for a person to look at, and
 * reports it once.
 *
 * <p><b>Threads.</b> Safe for many threads; {@link #setAside} needs the directory's lock.
 */
final class BadFiles {

    private static final Logger LOG = LoggerFactory.getLogger(BadFiles.class);

    /** How long a program that writes in place may pause: longer than a write, shorter than anyone's patience. */
    static final Duration SETTLES = Duration.ofSeconds(2);

    /** A program that writes rubbish each minute must not fill the disk. */
    private static final int KEPT = 100;

    /** A program that writes other rubbish each second must not fill the log. */
    private static final Duration QUIET = Duration.ofMinutes(10);

    private static final int LONGEST_NAME = 200;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** What can be wrong with a file; each is reported by itself. */
    enum Fault {
        /** Others may read it. */
        MODE,
        /** It is called like an entry, and by the name of nothing that has a certificate. */
        NAME,
        /** It is no regular file. */
        TYPE,
        /** It is not the only file of its entry. */
        TWIN,
        /** The system does not let us look at it. */
        ACCESS,
        /** What it holds is of no use. */
        CONTENT
    }

    private record Sighting(FileStamp stamp, Instant first) {}

    private record Report(String state, Instant at) {}

    private final OwnDirectory directory;
    private final InstantSource clock;
    private final Map<Path, Sighting> sightings = new ConcurrentHashMap<>();
    private final Map<Path, Map<Fault, Report>> reported = new ConcurrentHashMap<>();

    BadFiles(OwnDirectory directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Tells whether a file has been as it is for two seconds: by its own time, or, should that lie in the future, by ours
     * since it was first seen like this.
     */
    boolean isSettled(Path file, FileStamp stamp) {
        Instant now = clock.instant();
        Instant written = stamp.modified().toInstant();
        if (!written.plus(SETTLES).isAfter(now)) {
            return true;
        }
        Sighting sighting = sightings.compute(
                file, (key, known) -> known != null && known.stamp().equals(stamp) ? known : new Sighting(stamp, now));
        return !sighting.first().plus(SETTLES).isAfter(now);
    }

    /** Forgets when a file that can be used was first seen. */
    void recovered(Path file) {
        sightings.remove(file);
    }

    /** Forgets the files of a directory that are no more; {@code names} are all that could be an entry's. */
    void retain(Path parent, Collection<String> names) {
        if (sightings.isEmpty() && reported.isEmpty()) {
            return;
        }
        Set<String> present = Set.copyOf(names);
        Predicate<Path> gone = file -> parent.equals(file.getParent())
                && isEntryLike(file)
                && !present.contains(String.valueOf(file.getFileName()));
        sightings.keySet().removeIf(gone);
        reported.keySet().removeIf(gone);
    }

    private static boolean isEntryLike(Path file) {
        return String.valueOf(file.getFileName()).contains(EntryName.SUFFIX);
    }

    /** Logs at warn what does not change while the file is there: once. */
    void report(Path file, Fault fault, String message) {
        report(file, fault, "", message);
    }

    /** Logs at warn, once per file and state, and of another state only after a while; a state is a revision or a reason. */
    void report(Path file, Fault fault, String state, String message) {
        if (isNews(reported.computeIfAbsent(file, key -> new EnumMap<>(Fault.class)), fault, state)) {
            LOG.warn("{}: {}", Text.escape(file.toString()), message);
        }
    }

    private boolean isNews(Map<Fault, Report> told, Fault fault, String state) {
        Instant now = clock.instant();
        synchronized (told) {
            Report last = told.get(fault);
            if (last != null
                    && (last.state().equals(state)
                            || Duration.between(last.at(), now).abs().compareTo(QUIET) < 0)) {
                return false;
            }
            told.put(fault, new Report(state, now));
            return true;
        }
    }

    /**
     * Keeps the file under another name, and leaves it in place too, for the caller to replace: at no moment is the entry
     * missing.
     */
    Path setAside(Path file) throws IOException {
        Path kept = freeName(file);
        try {
            Files.createLink(kept, file);
        } catch (FileSystemException | UnsupportedOperationException e) {
            return moveAside(file); // no hard links here; for a moment the entry is missing
        }
        DurableFiles.forceDirectory(directory.bad());
        recovered(file);
        return kept;
    }

    /** Moves the file away: nothing takes its place. */
    Path moveAside(Path file) throws IOException {
        Path kept = freeName(file);
        DurableFiles.rename(file, kept);
        DurableFiles.forceDirectory(directory.bad());
        recovered(file);
        return kept;
    }

    private Path freeName(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        String start =
                name.substring(0, Math.min(name.length(), LONGEST_NAME)) + ".bad-" + TIME.format(clock.instant());
        prune();
        Path kept = directory.bad().resolve(start);
        for (int i = 2; Files.exists(kept, NOFOLLOW_LINKS); i++) {
            kept = directory.bad().resolve(start + "-" + i);
        }
        return kept;
    }

    private void prune() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory.bad())) {
            files = found.sorted(Comparator.comparing(BadFiles::changed)).toList();
        }
        for (Path oldest : files.subList(0, Math.max(0, files.size() - KEPT + 1))) {
            Files.deleteIfExists(oldest);
        }
    }

    /** When the link was made, which is a change of the file's attributes. */
    private static FileTime changed(Path file) {
        try {
            Optional<FileStamp> stamp = FileStamp.of(file);
            return stamp.map(FileStamp::changed).orElse(FileTime.fromMillis(0));
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
