package org.autotls.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.TestCa;

/** What a child process does to a certificate directory, so that it can be killed, refused and raced. */
final class StoreChild {

    static final Subject SUBJECT = Subject.of("a.example");
    static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");

    private StoreChild() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "save" -> save(directory, Path.of(arguments[2]));
            case "count" -> count(directory, Integer.parseInt(arguments[2]));
            case "key" ->
                say("key "
                        + DirectoryStore.open(directory, InstantSource.system())
                                .accountKeys()
                                .loadOrCreate(() -> KeyType.EC_P256.generate(new SecureRandom()))
                                .getPublic()
                                .hashCode());
            default -> open(directory);
        }
    }

    /** Saves once elsewhere, so that all classes are loaded, and then, at each line of input, where it counts. */
    private static void save(Path directory, Path practice) throws IOException {
        CertificateBundle bundle = new TestCa().issue(FROM, Duration.ofDays(80), "a.example");
        DirectoryStore rehearsal = DirectoryStore.open(practice, InstantSource.system());
        replace(rehearsal, bundle);
        replace(rehearsal, bundle);
        DirectoryStore store = DirectoryStore.open(directory, InstantSource.system());
        store.find(SUBJECT);
        say("ready");
        while (System.in.read() >= 0) {
            try {
                say("saved " + replace(store, bundle));
            } catch (StoreException e) {
                say("failed retryable=" + e.isRetryable() + " " + e.getMessage());
            }
        }
    }

    private static boolean replace(DirectoryStore store, CertificateBundle bundle) {
        Revision expected = store.find(SUBJECT).map(StoredBundle::revision).orElse(Revision.NONE);
        return store.save(SUBJECT, bundle, expected).isPresent();
    }

    /** Counts up in a text and renews an entry, both by compare-and-save, against all who do the same. */
    static void count(Path directory, int rounds) {
        DirectoryStore store = DirectoryStore.open(directory, InstantSource.system());
        TestCa ca = new TestCa();
        int saved = 0;
        for (int i = 0; i < rounds; i++) {
            increment(store.state());
            saved += replace(store, ca.issue(FROM.plusSeconds(i), Duration.ofDays(80), "a.example")) ? 1 : 0;
        }
        say("saves " + saved);
    }

    private static void increment(StateStore state) {
        Optional<Revision> saved;
        do {
            Optional<StateStore.Entry> entry = state.find("count");
            int next = entry.map(found -> Integer.parseInt(found.text())).orElse(0) + 1;
            saved = state.save(
                    "count",
                    Integer.toString(next),
                    entry.map(StateStore.Entry::revision).orElse(Revision.NONE));
        } while (saved.isEmpty());
    }

    private static void open(Path directory) {
        try {
            DirectoryStore store = DirectoryStore.open(directory, InstantSource.system());
            store.find(SUBJECT);
            say("opened " + store.request(Subject.of("new.example")));
        } catch (StoreException e) {
            say("refused " + e.getMessage());
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
