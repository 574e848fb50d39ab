package org.autotls.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.Revision;
import org.autotls.Subject;
import org.autotls.Text;

/**
 * The entries of a certificate directory: which file stands for which subject, and which revision it has.
 *
 * <p>Listing costs one {@code stat} per file. A file is read again if its stamp changed, or if it was so young when it was
 * last read that a second write could have left the same stamp (git calls such a file "racily clean").
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
final class Entries {

    /** A directory of other files is no reason to fill the log. */
    private static final int NAMES_TOLD = 100;

    private record Known(FileStamp stamp, Revision revision, boolean sure, boolean cutShort) {}

    private final Path root;
    private final InstantSource clock;
    private final BadFiles bad;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<String, Optional<Subject>> subjects = new ConcurrentHashMap<>();
    private final AtomicInteger namesTold = new AtomicInteger();

    Entries(Path root, InstantSource clock, BadFiles bad) {
        this.root = root;
        this.clock = clock;
        this.bad = bad;
    }

    Map<Subject, Revision> list() throws IOException {
        Map<Subject, String> names = new HashMap<>();
        List<String> all = fileNames();
        for (String name : all) {
            subjectOf(name).ifPresent(subject -> names.merge(subject, name, (a, b) -> preferred(subject, a, b)));
        }
        bad.retain(root, all);
        Stream<Map.Entry<Subject, String>> entries = names.entrySet().stream();
        Map<Subject, Revision> listed = (known.isEmpty() ? entries.parallel() : entries) // at first, each file is read
                .flatMap(entry -> revision(entry.getValue()).map(found -> Map.entry(entry.getKey(), found)).stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        known.keySet().retainAll(new HashSet<>(names.values())); // the values alone would be gone through for each
        return Collections.unmodifiableMap(listed);
    }

    /** The file of an entry: the canonical name, else another spelling of it, else the canonical name, to be made. */
    Path locate(Subject subject) throws IOException {
        Path canonical = root.resolve(EntryName.canonical(subject));
        if (Files.exists(canonical)) {
            return canonical;
        }
        return all(subject).stream().findFirst().orElse(canonical);
    }

    /** Every file that stands for a subject. */
    List<Path> all(Subject subject) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String name : fileNames()) {
            if (couldBe(subject, name)
                    && EntryName.subjectOf(name).filter(subject::equals).isPresent()) {
                found.add(root.resolve(name));
            }
        }
        Collections.sort(found);
        return found;
    }

    /** Whether an empty file held something when it was last listed: a writer in place may be about to fill it. */
    boolean wasCutShort(Path file, FileStamp stamp) {
        Known before = known.get(String.valueOf(file.getFileName()));
        return before != null
                && (before.stamp().equals(stamp)
                        ? before.cutShort()
                        : before.stamp().size() > 0 && before.stamp().sameFile(stamp));
    }

    private Optional<Revision> revision(String name) {
        Path file = root.resolve(name);
        try {
            Known before = known.get(name);
            if (before != null && before.sure() && FileStamp.of(file).equals(Optional.of(before.stamp()))) {
                return Optional.of(before.revision());
            }
            Optional<Revision> read = read(name, file);
            if (read.isEmpty() && Files.isSymbolicLink(file)) {
                bad.report(file, BadFiles.Fault.TYPE, "ignored: it links to what is not there");
            }
            return read;
        } catch (IOException e) {
            return unreadable(file, e);
        }
    }

    private Optional<Revision> read(String name, Path file) throws IOException {
        Optional<SmallFile> content = SmallFile.read(file, BundleFile.MAXIMUM);
        content.ifPresent(read -> {
            FileStamp stamp = read.stamp();
            boolean sure = !stamp.newest().plus(BadFiles.SETTLES).isAfter(clock.instant());
            boolean cutShort = read.isEmpty() && wasCutShort(file, stamp);
            known.put(name, new Known(stamp, read.revision(), sure, cutShort));
            if (stamp.isReadableByOthers() && stamp.size() > 0) {
                bad.report(file, BadFiles.Fault.MODE, "other users can read this private key; run: chmod 600");
            }
        });
        return content.map(SmallFile::revision);
    }

    /** An entry that may not be read stays an entry, which find reports; what is no regular file is none. */
    private Optional<Revision> unreadable(Path file, IOException failure) {
        String reason = Text.escape(String.valueOf(failure.getMessage()));
        if (reason.contains(StoreFailures.NOT_REGULAR)) {
            bad.report(file, BadFiles.Fault.TYPE, "ignored: it is not a regular file");
            return Optional.empty();
        }
        try {
            return FileStamp.of(file).map(SmallFile::unread);
        } catch (IOException e) {
            bad.report(file, BadFiles.Fault.ACCESS, reason, "ignored: " + reason);
            return Optional.empty();
        }
    }

    private String preferred(Subject subject, String a, String b) {
        String canonical = EntryName.canonical(subject);
        boolean first = a.equals(canonical) || (!b.equals(canonical) && a.compareTo(b) < 0);
        String ignored = first ? b : a;
        bad.report(
                root.resolve(ignored),
                BadFiles.Fault.TWIN,
                "ignored: " + Text.escape(first ? a : b) + " is the same entry");
        return first ? a : b;
    }

    private Optional<Subject> subjectOf(String name) {
        return subjects.size() > 1_000_000 ? EntryName.subjectOf(name) : subjects.computeIfAbsent(name, this::judge);
    }

    private Optional<Subject> judge(String name) {
        Optional<Subject> subject = EntryName.subjectOf(name);
        if (subject.isEmpty() && isMeantAsEntry(name) && namesTold.getAndIncrement() < NAMES_TOLD) {
            bad.report(root.resolve(name), BadFiles.Fault.NAME, "ignored: its name is that of no host or address");
        }
        return subject;
    }

    private static boolean isMeantAsEntry(String name) {
        return !name.startsWith(".") && name.endsWith(EntryName.SUFFIX) && !name.equals(EntryName.DEFAULT);
    }

    /** Cheap, and never wrong when it says no. */
    private static boolean couldBe(Subject subject, String name) {
        return subject.identifiers().size() > 1
                ? name.indexOf(',') > 0
                : name.length() >= subject.primary().name().length();
    }

    private List<String> fileNames() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.contains(EntryName.SUFFIX)) {
                    names.add(name);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }
}
