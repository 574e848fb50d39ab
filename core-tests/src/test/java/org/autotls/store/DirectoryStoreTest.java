package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;
import org.autotls.KeyAlgorithm;
import org.autotls.KeyType;
import org.autotls.Revision;
import org.autotls.StoreException;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.internal.PrivateKeys;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest {

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Subject A = Subject.of("a.example");
    private static final Subject A_RSA = A.alternate(KeyAlgorithm.RSA);

    @TempDir
    Path directory = Path.of("");

    private final TestCa ca = new TestCa();
    private final SecureRandom random = new SecureRandom();

    /** Well after every file is written: what is stored counts as settled. */
    private final ManualClock clock = new ManualClock(Instant.parse("2100-01-01T00:00:00Z"));

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("a.example.pem");
    }

    private DirectoryStore open() {
        return DirectoryStore.open(directory, clock);
    }

    private CertificateBundle bundle(String... names) {
        return ca.issue(FROM, Duration.ofDays(90), names);
    }

    private static String text(CertificateBundle bundle) {
        return new String(BundleFile.encode(bundle), StandardCharsets.UTF_8);
    }

    private static Optional<CertificateBundle> find(DirectoryStore store, Subject subject) {
        return store.find(subject).flatMap(StoredBundle::bundle);
    }

    private List<String> filesUnder(String name) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(name))) {
            return files.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void open_ofWhatIsNoDirectory_saysWhatToDo() throws IOException {
        assertThatThrownBy(() -> DirectoryStore.open(directory.resolve("none"), clock))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("does not exist")
                .hasMessageContaining("mkdir");
        Path plain = Files.createFile(directory.resolve("plain"));
        assertThatThrownBy(() -> DirectoryStore.openReadOnly(plain, clock)).hasMessageContaining("not a directory");
    }

    @Test
    void save_writesOneFileOfMode0600_andNothingElseInTheDirectory() throws IOException {
        open().save(A, bundle("a.example"), Revision.NONE);
        assertThat(filesUnder("")).containsExactly(".autotls", "a.example.pem");
        assertThat(mode(file)).isEqualTo("rw-------");
        for (String own : List.of(".autotls", ".autotls/tmp", ".autotls/bad", ".autotls/state")) {
            assertThat(mode(directory.resolve(own))).as(own).isEqualTo("rwx------");
        }
        assertThat(mode(directory.resolve(".autotls/lock"))).isEqualTo("rw-------");
        assertThat(filesUnder(".autotls/tmp")).isEmpty();
    }

    @Test
    void I17_alternate_isAFileThatReadersOfPemFilesPassBy() throws IOException {
        DirectoryStore store = open();
        store.save(A, bundle("a.example"), Revision.NONE);
        store.save(A_RSA, rsa("a.example"), Revision.NONE);
        store.request(A.alternate(KeyAlgorithm.ECDSA));
        assertThat(filesUnder(""))
                .containsExactly(".autotls", "a.example.pem", "a.example.pem.ecdsa", "a.example.pem.rsa");
        assertThat(mode(directory.resolve("a.example.pem.rsa"))).isEqualTo("rw-------");
        for (String name : List.of("b.example.rsa", "b.example.pem.RSA", "b.example.pem.dsa", "DEFAULT.pem.rsa")) {
            Files.createFile(directory.resolve(name));
        }
        assertThat(open().list()).containsOnlyKeys(A, A_RSA, A.alternate(KeyAlgorithm.ECDSA));
    }

    @Test
    void I17_alternateWithAnotherKindOfKey_isRefusedAndSetAside_thePrimaryStays() throws IOException {
        DirectoryStore store = open();
        CertificateBundle primary = bundle("a.example");
        store.save(A, primary, Revision.NONE);
        assertThatThrownBy(() -> store.save(A_RSA, primary, Revision.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EC");
        Files.writeString(directory.resolve("a.example.pem.rsa"), text(primary));
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.find(A_RSA).orElseThrow().bundle()).isEmpty();
        assertThat(filesUnder(".autotls/bad")).singleElement().asString().startsWith("a.example.pem.rsa.bad-");
        assertThat(find(store, A)).isPresent();
    }

    private CertificateBundle rsa(String... names) {
        return ca.issue(KeyType.RSA_2048, clock.instant(), Duration.ofDays(90), names);
    }

    @Test
    void save_ofALeafForOtherNames_isRefused() {
        assertThatThrownBy(() -> open().save(A, bundle("b.example"), Revision.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[b.example]");
        assertThat(file).doesNotExist();
    }

    @Test
    void save_ofALeafWithAWildcard_isTaken() {
        CertificateBundle wild = bundle("*.example");
        assertThat(open().save(A, wild, Revision.NONE)).isPresent();
        assertThatThrownBy(() -> open().save(Subject.of("x.a.example"), wild, Revision.NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void empty_onlyWhatHoldsTheRevisionThatWasRead() {
        DirectoryStore store = open();
        Revision first = store.save(A, bundle("a.example"), Revision.NONE).orElseThrow();
        Revision renewed = store.save(A, bundle("a.example"), first).orElseThrow();
        assertThat(store.empty(A, first)).isFalse();
        assertThat(store.find(A).orElseThrow().bundle()).isPresent();
        assertThat(store.empty(A, renewed)).isTrue();
        assertThat(store.find(A).orElseThrow().bundle()).isEmpty();
        assertThat(store.empty(Subject.of("b.example"), first)).isFalse();
        assertThat(store.list()).containsOnlyKeys(A);
    }

    @Test
    void F11_subjectTooLongForAFile_isRefusedClearly() {
        Subject many = Subject.of(Stream.iterate(10, i -> i + 1)
                .limit(30)
                .map(i -> i + ".long.example")
                .toArray(String[]::new));
        assertThat(open().find(many)).isEmpty();
        assertThatThrownBy(() -> open().request(many))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 255");
    }

    @Test
    void F11_namesThatAreNoSubject_areIgnored() throws IOException {
        for (String name : List.of(
                "DEFAULT.pem",
                "client.key",
                ".hidden.pem",
                "notes.txt",
                "a_b.example.pem",
                "a b.pem",
                ".pem",
                "\u00fc.example.pem",
                "new\nline.pem",
                "-.pem",
                "a.example.pem.bad-1",
                "a.example.PEM")) {
            Files.createFile(directory.resolve(name));
        }
        Files.createFile(file);
        assertThat(open().list()).containsOnlyKeys(A);
    }

    @Test
    void F11_otherSpellings_standForOneEntry_canonicalFirst() throws IOException {
        Subject both = Subject.of("a.example", "b.example");
        CertificateBundle bundle = bundle("a.example", "b.example");
        Files.writeString(directory.resolve("b.example,a.example.pem"), text(bundle));
        DirectoryStore store = open();
        assertThat(store.list()).containsOnlyKeys(both);
        assertThat(find(store, both).orElseThrow().leaf()).isEqualTo(bundle.leaf());
        Revision revision = store.find(both).orElseThrow().revision();
        assertThat(store.save(both, bundle("a.example", "b.example"), revision)).isPresent();
        assertThat(filesUnder("")).containsExactly(".autotls", "b.example,a.example.pem");

        Files.createFile(directory.resolve("a.example,b.example.pem"));
        assertThat(find(store, both)).isEmpty();
        assertThat(store.list()).containsOnly(Map.entry(both, SmallFile.revisionOf(new byte[0])));
        assertThat(store.remove(both)).isTrue();
        assertThat(filesUnder("")).containsExactly(".autotls");
    }

    @Test
    void F5_unusableEntry_isSetAsideAndAskedForAnew() throws IOException {
        Files.writeString(file, "rubbish");
        DirectoryStore store = open();
        assertThat(store.list()).containsOnlyKeys(A);
        StoredBundle found = store.find(A).orElseThrow();
        assertThat(found.bundle()).isEmpty();
        assertThat(file).isEmptyFile();
        assertThat(filesUnder(".autotls/bad")).containsExactly("a.example.pem.bad-21000101T000000Z");
        assertThat(directory.resolve(".autotls/bad/a.example.pem.bad-21000101T000000Z"))
                .hasContent("rubbish");
        assertThat(store.save(A, bundle("a.example"), found.revision())).isPresent();
    }

    @Test
    void F5_setAsideFiles_doNotFillTheDisk() throws IOException {
        DirectoryStore store = open();
        for (int i = 0; i < 110; i++) {
            Files.writeString(file, "rubbish " + i);
            store.find(A);
        }
        assertThat(filesUnder(".autotls/bad")).hasSize(100);
    }

    @Test
    void F6_leafForOtherNames_isSetAside_butServedWhenReadOnly() throws IOException {
        CertificateBundle other = bundle("b.example");
        Files.writeString(file, text(other));
        DirectoryStore reader = DirectoryStore.openReadOnly(directory, clock);
        assertThat(find(reader, A).orElseThrow().leaf()).isEqualTo(other.leaf());
        assertThat(find(open(), A)).isEmpty();
        assertThat(filesUnder(".autotls/bad")).hasSize(1);
    }

    @Test
    void F13_unusableEntryOfAMomentAgo_isLeftToItsWriter() throws IOException {
        CertificateBundle bundle = bundle("a.example");
        clock.advance(Duration.ofSeconds(1));
        Files.writeString(file, text(bundle).substring(0, 500));
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        DirectoryStore store = open();
        assertThatThrownBy(() -> store.find(A))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.isRetryable()).isTrue());
        assertThat(file).isNotEmptyFile();
        Files.writeString(file, text(bundle));
        assertThat(find(store, A)).isPresent();
    }

    @Test
    void F13_unusableEntryFromTheFuture_isSetAsideOnceItWasSeenForTwoSeconds() throws IOException {
        Files.writeString(file, "rubbish");
        Files.setLastModifiedTime(file, FileTime.from(clock.instant().plusSeconds(86_400)));
        DirectoryStore store = open();
        assertThatThrownBy(() -> store.find(A)).isInstanceOf(StoreException.class);
        clock.advance(Duration.ofSeconds(2));
        assertThat(find(store, A)).isEmpty();
        assertThat(file).isEmptyFile();
    }

    @Test
    void F13_entryCutToNothingInPlace_isNoRequestYet() throws IOException {
        DirectoryStore store = open();
        store.save(A, bundle("a.example"), Revision.NONE);
        store.list();
        Files.writeString(file, ""); // the original opens its file like this before it writes
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        store.list();
        assertThatThrownBy(() -> store.find(A)).isInstanceOf(StoreException.class);
        clock.advance(Duration.ofSeconds(2));
        assertThat(find(store, A)).isEmpty();
    }

    @Test
    void F16_changeThatNoTimeShows_isNoticed() throws IOException {
        DirectoryStore store = open();
        CertificateBundle first = bundle("a.example");
        store.save(A, first, Revision.NONE);
        FileTime written = Files.getLastModifiedTime(file);
        Revision before = store.list().get(A);
        Object changedBefore = Files.getAttribute(file, "unix:ctime");
        String changed = text(first).replace("-----BEGIN PRIVATE", "-----BEGIN PRiVATE");
        do { // the time of the change itself is that of a clock that ticks, and is all that is left to notice it by
            Files.writeString(file, changed);
            Files.setLastModifiedTime(file, written);
        } while (changedBefore.equals(Files.getAttribute(file, "unix:ctime")));
        assertThat(store.list().get(A)).isNotEqualTo(before);
    }

    @Test
    void readOnly_neverWrites() throws IOException {
        Files.writeString(file, "rubbish");
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        assertThat(store.list()).containsOnlyKeys(A);
        assertThatThrownBy(() -> store.find(A)).hasMessageContaining("cannot be used");
        assertThatThrownBy(() -> store.save(A, bundle("a.example"), Revision.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("reading only");
        assertThatThrownBy(() -> store.request(A)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.remove(A)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.state().save("k", "t", Revision.NONE)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.accountKeys().loadOrCreate(() -> KeyType.EC_P256.generate(random)))
                .isInstanceOf(StoreException.class);
        assertThat(store.state().find("k")).isEmpty();
        assertThat(store.state().keys("")).isEmpty();
        assertThat(filesUnder("")).containsExactly("a.example.pem");
    }

    @Test
    void F8_whatIsNoRegularFile_isIgnoredAndNeverBlocks() throws Exception {
        Files.createDirectory(file);
        Process fifo =
                new ProcessBuilder("mkfifo", directory.resolve("b.example.pem").toString()).start();
        assertThat(fifo.waitFor()).isZero();
        Files.createSymbolicLink(directory.resolve("c.example.pem"), Path.of("/dev/zero"));
        Files.createSymbolicLink(directory.resolve("d.example.pem"), Path.of("d.example.pem"));
        Files.createSymbolicLink(directory.resolve("e.example.pem"), Path.of("nowhere"));
        Files.createFile(directory.resolve("f.example.pem"));
        DirectoryStore store = open();
        assertThat(store.list()).containsOnlyKeys(Subject.of("f.example"));
        for (String name : List.of("a.example", "b.example", "c.example", "d.example")) {
            assertThatThrownBy(() -> store.find(Subject.of(name))).as(name).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.save(Subject.of(name), bundle(name), Revision.NONE))
                    .as(name)
                    .isInstanceOf(StoreException.class);
        }
        assertThat(store.find(Subject.of("e.example"))).isEmpty();
    }

    @Test
    void F8_hugeFile_isSetAsideUnread() throws IOException {
        try (var huge = java.nio.channels.FileChannel.open(
                file, java.nio.file.StandardOpenOption.CREATE_NEW, java.nio.file.StandardOpenOption.WRITE)) {
            huge.write(java.nio.ByteBuffer.wrap(new byte[] {1}), 1L << 30);
        }
        DirectoryStore store = open();
        assertThat(store.list()).containsOnlyKeys(A);
        assertThat(find(store, A)).isEmpty();
        assertThat(file).isEmptyFile();
    }

    @Test
    void F9_symbolicLink_isReadButReplacedNotWrittenThrough() throws IOException {
        CertificateBundle old = bundle("a.example");
        Path target = Files.writeString(directory.resolve("target"), text(old));
        Files.createSymbolicLink(file, target);
        DirectoryStore store = open();
        assertThat(find(store, A).orElseThrow().leaf()).isEqualTo(old.leaf());
        Revision revision = store.find(A).orElseThrow().revision();
        assertThat(store.save(A, bundle("a.example"), revision)).isPresent();
        assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(target).hasContent(text(old));
    }

    @Test
    void F4_directoryThatWentAwayAndCameBack_needsNoRestart() throws IOException {
        DirectoryStore store = open();
        store.save(A, bundle("a.example"), Revision.NONE);
        Path away = directory.resolveSibling(directory.getFileName() + "-away");
        Files.move(directory, away);
        assertThatThrownBy(store::list)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.isRetryable()).isTrue());
        assertThatThrownBy(() -> store.save(A, bundle("a.example"), Revision.NONE))
                .isInstanceOf(StoreException.class);
        Files.createDirectory(directory);
        assertThat(store.list()).isEmpty();
        assertThat(store.save(A, bundle("a.example"), Revision.NONE)).isPresent();
        Files.move(away, directory.resolve("away"));
    }

    @Test
    void E12_litterOfACrash_isSweptAtTheNextStart() throws IOException {
        open();
        Files.createFile(directory.resolve(".autotls/tmp/.left.tmp"));
        open();
        assertThat(filesUnder(".autotls/tmp")).isEmpty();
    }

    @Test
    void findDefault_readsDefaultPem() throws IOException {
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        assertThat(store.findDefault()).isEmpty();
        CertificateBundle bundle = bundle("whatever.example");
        Files.writeString(directory.resolve("DEFAULT.pem"), text(bundle));
        CertificateBundle found = store.findDefault().orElseThrow();
        assertThat(found.leaf()).isEqualTo(bundle.leaf());
        assertThat(store.findDefault()).containsSame(found);
        Files.writeString(directory.resolve("DEFAULT.pem"), "rubbish");
        assertThatThrownBy(store::findDefault).isInstanceOf(StoreException.class);
    }

    @Test
    void accountKeys_readsTheOriginalsRsaKey() throws Exception {
        Path key = directory.resolve("client.key");
        Process openssl = new ProcessBuilder("openssl", "genrsa", "-traditional", "-out", key.toString(), "2048")
                .redirectErrorStream(true)
                .start();
        openssl.getInputStream().readAllBytes();
        assertThat(openssl.waitFor()).isZero();
        KeyPair pair = open().accountKeys().loadOrCreate(() -> KeyType.EC_P256.generate(random));
        assertThat(pair.getPublic().getAlgorithm()).isEqualTo("RSA");
        assertThat(Files.readString(key)).startsWith("-----BEGIN RSA PRIVATE KEY-----");
    }

    @Test
    void accountKeys_setsAsideWhatIsNoKey() throws IOException {
        Path key = Files.writeString(directory.resolve("client.key"), "rubbish");
        KeyPair pair = open().accountKeys().loadOrCreate(() -> KeyType.EC_P256.generate(random));
        assertThat(key).hasContent(PrivateKeys.encode(pair.getPrivate()));
        assertThat(mode(key)).isEqualTo("rw-------");
        assertThat(filesUnder(".autotls/bad")).containsExactly("client.key.bad-21000101T000000Z");
    }

    @Test
    void state_thatIsNoText_isSetAside() throws IOException {
        DirectoryStore store = open();
        store.state().save("k", "text", Revision.NONE);
        Files.write(directory.resolve(".autotls/state/1/k"), new byte[] {(byte) 0xff, 0});
        assertThat(store.state().find("k")).isEmpty();
        assertThat(store.state().save("k", "new", Revision.NONE)).isPresent();
    }

    @Test
    void find_whatIsInUse_isNotReadAnew_untilItChanges() throws IOException {
        DirectoryStore store = open();
        CertificateBundle first = bundle("a.example");
        Files.write(file, BundleFile.encode(first));
        CertificateBundle found = find(store, A).orElseThrow();
        assertThat(find(store, A).orElseThrow()).isSameAs(found);
        store.list();
        assertThat(find(store, A).orElseThrow()).isSameAs(found);
        CertificateBundle second = bundle("a.example");
        Files.write(file, BundleFile.encode(second));
        assertThat(find(store, A).orElseThrow().leaf()).isEqualTo(second.leaf());
        Files.write(file, BundleFile.encode(first));
        assertThat(find(store, A).orElseThrow().leaf()).isEqualTo(found.leaf());
        Files.delete(file);
        store.list();
        Files.write(file, BundleFile.encode(first));
        assertThat(find(store, A).orElseThrow()).isNotSameAs(found);
    }

    @Test
    void watch_tellsWhichEntryAnotherProcessWrote() throws Exception {
        BlockingQueue<Subject> told = new LinkedBlockingQueue<>();
        Runnable never = () -> {
            throw new AssertionError("few changes are told by name");
        };
        try (DirectoryWatch watch = open().watch(told::add, never)) {
            assertThat(watch).isNotNull();
            String other = file.resolveSibling("no-entry.txt").toString();
            new ProcessBuilder("touch", other, file.toString()).start().waitFor();
            assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo(A);
        }
    }

    @Test
    @Tag("long")
    void F5_everyMutationOfOneEntry_hurtsThatEntryOnly() throws IOException {
        DirectoryStore store = open();
        for (int i = 0; i < 20; i++) {
            String name = i + ".healthy.example";
            store.save(Subject.of(name), bundle(name), Revision.NONE);
        }
        byte[] whole = BundleFile.encode(bundle("a.example"));
        int usable = 0;
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            usable += find(store, A).isPresent() ? 1 : 0;
        }
        for (int bit = 0; bit < whole.length * 8; bit += 3) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, flipped);
            find(store, A).ifPresent(found -> assertThat(found.covers(A)).isTrue());
        }
        // A prefix that ends behind the leaf is a bundle without its root, which is usually left out.
        assertThat(usable).isLessThan(40);
        assertThat(store.list()).hasSize(21);
        for (int i = 0; i < 20; i++) {
            assertThat(find(store, Subject.of(i + ".healthy.example"))).isPresent();
        }
    }

    @Test
    void F12_manyEntries_areListedWithoutReadingThemAgain() throws IOException {
        DirectoryStore store = DirectoryStore.open(directory, InstantSource.system());
        for (int i = 0; i < 2_000; i++) {
            Path entry = Files.writeString(directory.resolve("n" + i + ".example.pem"), "content " + i);
            Files.setLastModifiedTime(entry, FileTime.from(FROM));
        }
        assertThat(store.list()).hasSize(2_000).isEqualTo(store.list());
    }
}
