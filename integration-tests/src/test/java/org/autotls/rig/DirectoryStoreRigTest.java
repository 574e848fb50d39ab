package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;
import org.autotls.KeyType;
import org.autotls.Revision;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.internal.Certificates;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.Await;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The directory store under kill, full disks, missing rights, other processes, and txsni: each with real system calls. */
@Tag("rig")
class DirectoryStoreRigTest {

    private static final Subject HEALTHY = Subject.of("healthy.example");

    /** The calls that touch files; the others (futex, madvise) change nothing on disk. */
    private static final Pattern CALL = Pattern.compile("^(openat|open|write|pwrite64|fsync|fdatasync|rename"
            + "|renameat|renameat2|link|linkat|unlink|unlinkat|close|ftruncate|chmod|fchmod|mkdir|fcntl|stat|lstat|fstat"
            + "|newfstatat|statx)\\(.*");

    @TempDir
    Path directory = Path.of("");

    private final TestCa ca = new TestCa();
    private final CertificateBundle old = ca.issue(StoreChild.FROM, Duration.ofDays(90), "a.example");

    private Path certs = Path.of("");
    private Path practice = Path.of("");

    @BeforeEach
    void makeDirectories() throws IOException {
        certs = Files.createDirectory(directory.resolve("certs"));
        practice = Files.createDirectory(directory.resolve("practice"));
    }

    private DirectoryStore open() {
        return DirectoryStore.open(certs, InstantSource.system());
    }

    private void prepare() {
        DirectoryStore store = open();
        store.remove(StoreChild.SUBJECT);
        store.save(StoreChild.SUBJECT, old, Revision.NONE);
        store.save(HEALTHY, ca.issue(StoreChild.FROM, Duration.ofDays(90), "healthy.example"), Revision.NONE);
    }

    @Test
    void E12_to_E15_killedAtEverySystemCallOfASave_leavesTheOldOrTheNewBundle() throws Exception {
        Map<String, Integer> calls = callsOfOneSave();
        assertThat(calls).containsKeys("fsync", "openat", "write");
        int killed = 0;
        int renewed = 0;
        for (Map.Entry<String, Integer> call : calls.entrySet()) {
            for (int number = 1; number <= call.getValue(); number++) {
                prepare();
                killed += killAt(call.getKey(), number) ? 1 : 0;
                renewed += oldOrNew(call.getKey() + " " + number) ? 1 : 0;
            }
        }
        assertThat(killed).as(calls.toString()).isGreaterThanOrEqualTo(20);
        assertThat(renewed).isBetween(1, killed);
    }

    /** A power cut cannot be had here; the order of the calls is what makes a save survive it. */
    @Test
    void E13_E15_save_isForcedBeforeAndAfterTheRename_andTheOwnersAloneFromTheBeginning() throws Exception {
        List<String> calls = traceOfOneSave("-y");
        int created = next(calls, 0, "openat\\(.*/\\.autotls/tmp/\\..*\\.tmp\", .*O_CREAT.*, 0600\\).*");
        int written = next(calls, created, "write\\(.*\\.tmp>.*");
        int forced = next(calls, written, "fsync\\(.*\\.tmp>.*");
        int renamed = next(calls, forced, "rename\\(.*\\.tmp\", .*/a\\.example\\.pem\"\\).*");
        next(calls, renamed, "fsync\\([^ ]*" + Pattern.quote(certs.toString()) + ">.*");
    }

    /** Where the next call of this form is, as strace writes it. */
    private static int next(List<String> calls, int from, String form) {
        Pattern call = Pattern.compile(form);
        for (int i = from; i < calls.size(); i++) {
            if (call.matcher(calls.get(i)).matches()) {
                return i;
            }
        }
        throw new AssertionError("no " + form + " among " + String.join("\n", calls.subList(from, calls.size())));
    }

    /** The calls of the thread that saved. */
    private List<String> traceOfOneSave(String... options) throws Exception {
        prepare();
        Path logs = Files.createDirectory(directory.resolve("trace"));
        try (StoreProcess child = new StoreProcess("save", certs.toString(), practice.toString())) {
            child.next("ready");
            Process strace = child.trace(logs.resolve("thread"), options);
            child.go();
            assertThat(child.next("saved", "failed")).isEqualTo("saved true");
            strace.destroy();
            strace.waitFor();
        }
        List<List<String>> saving = new ArrayList<>();
        for (String log : files(logs)) {
            List<String> calls = Files.readAllLines(logs.resolve(log));
            if (calls.stream().anyMatch(call -> call.contains("/.autotls/tmp/"))) {
                saving.add(calls);
            }
        }
        assertThat(saving).as("threads that saved").hasSize(1);
        return saving.get(0);
    }

    private Map<String, Integer> callsOfOneSave() throws Exception {
        Map<String, Integer> counts = new LinkedHashMap<>();
        traceOfOneSave().stream()
                .map(CALL::matcher)
                .filter(Matcher::matches)
                .forEach(call -> counts.merge(call.group(1), 1, Integer::sum));
        return counts;
    }

    private boolean killAt(String call, int number) throws Exception {
        try (StoreProcess child = new StoreProcess("save", certs.toString(), practice.toString())) {
            child.next("ready");
            child.trace(
                    directory.resolve("kill"),
                    "-e",
                    "trace=" + call,
                    "-e",
                    "inject=" + call + ":signal=SIGKILL:when=" + number);
            child.go();
            return !child.next("saved", "failed").startsWith("failed") && child.exit() == 137;
        }
    }

    /** What a restart finds; whether it is the new bundle. */
    private boolean oldOrNew(String point) throws IOException {
        DirectoryStore store = open();
        CertificateBundle found = store.find(StoreChild.SUBJECT)
                .flatMap(StoredBundle::bundle)
                .orElseThrow(() -> new AssertionError("nothing after " + point));
        assertThat(store.find(HEALTHY).flatMap(StoredBundle::bundle)).as(point).isPresent();
        assertThat(files(certs.resolve(".autotls/tmp"))).as(point).isEmpty();
        assertThat(files(certs.resolve(".autotls/bad"))).as(point).isEmpty();
        assertThat(files(certs)).as(point).containsExactly(".autotls", "a.example.pem", "healthy.example.pem");
        return !found.leaf().equals(old.leaf());
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            return found.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "write, ENOSPC, true",
        "write, EDQUOT, true",
        "fsync, EIO, true",
        "rename, EIO, true",
        "openat, EMFILE, true",
        "rename, EROFS, false"
    })
    void F1_to_F4_diskThatFails_keepsTheOldBundle_andTheNextTrySaves(String call, String error, boolean retryable)
            throws Exception {
        prepare();
        Path bundle = certs.resolve("a.example.pem");
        byte[] before = Files.readAllBytes(bundle);
        try (StoreProcess child = new StoreProcess("save", certs.toString(), practice.toString())) {
            child.next("ready");
            Process strace = child.trace(
                    directory.resolve("fault"),
                    "-e",
                    "trace=" + call,
                    "-e",
                    "inject=" + call + ":error=" + error + ":when=1");
            child.go();
            assertThat(child.next("saved", "failed")).startsWith("failed retryable=" + retryable);
            assertThat(Files.readAllBytes(bundle)).isEqualTo(before);
            assertThat(files(certs.resolve(".autotls/tmp"))).isEmpty();
            strace.destroy();
            strace.waitFor();
            child.go();
            assertThat(child.next("saved", "failed")).isEqualTo("saved true");
        }
        assertThat(oldOrNew(call)).isTrue();
    }

    @Test
    void F3_directoryWithoutRights_isRefusedAtStartWithItsName() throws Exception {
        Files.setPosixFilePermissions(certs, PosixFilePermissions.fromString("r-x------"));
        try (StoreProcess child = new StoreProcess(unprivileged(), "open", certs.toString())) {
            assertThat(child.next("opened", "refused"))
                    .contains(certs.toString())
                    .contains("not writable");
        }
        assertThat(files(certs)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"000", "022", "077", "777"})
    void F10_anyUmask_makesFilesThatTheOwnerAndNobodyElseReads(String umask) throws Exception {
        List<String> wrapper = new ArrayList<>(unprivileged());
        wrapper.addAll(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
        for (int start = 0; start < 2; start++) {
            try (StoreProcess child = new StoreProcess(wrapper, "key", certs.toString())) {
                assertThat(child.next("key", "refused")).startsWith("key");
            }
        }
        assertThat(mode(certs.resolve("client.key"))).isEqualTo("rw-------");
        assertThat(mode(certs.resolve(".autotls"))).isEqualTo("rwx------");
        assertThat(mode(certs.resolve(".autotls/lock"))).isEqualTo("rw-------");
    }

    /** Root may do everything, unless it gives up the capability: permissions then hold for it as for anybody. */
    private static List<String> unprivileged() {
        return System.getProperty("user.name").equals("root")
                ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
                : List.of();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void processesAndStoresOfOneJvm_loseNoUpdate() throws Exception {
        int rounds = 40;
        List<StoreProcess> children = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                children.add(new StoreProcess("count", certs.toString(), Integer.toString(rounds)));
            }
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Thread thread = new Thread(() -> StoreChild.count(certs, rounds));
                thread.start();
                threads.add(thread);
            }
            for (StoreProcess child : children) {
                assertThat(child.next("saves")).startsWith("saves ");
                assertThat(child.exit()).isZero();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        } finally {
            children.forEach(StoreProcess::close);
        }
        assertThat(open().state().find("count").orElseThrow().text()).isEqualTo(Integer.toString(6 * rounds));
        assertThat(open().find(StoreChild.SUBJECT).flatMap(StoredBundle::bundle))
                .isPresent();
        assertThat(files(certs.resolve(".autotls/tmp"))).isEmpty();
    }

    @Test
    void accountKey_madeByManyProcessesAtOnce_isOneKey() throws Exception {
        List<StoreProcess> children = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                children.add(new StoreProcess("key", certs.toString()));
            }
            Map<String, Integer> keys = new HashMap<>();
            children.forEach(child -> keys.merge(child.next("key"), 1, Integer::sum));
            assertThat(keys).hasSize(1).containsValue(6);
        } finally {
            children.forEach(StoreProcess::close);
        }
    }

    @Test
    void txsni_servesADirectoryThatWeWrote() throws Exception {
        DirectoryStore store = open();
        Map<String, CertificateBundle> served = Map.of(
                "ec.example", ca.issue(KeyType.EC_P256, now(), Duration.ofDays(9), "ec.example"),
                "p384.example", ca.issue(KeyType.EC_P384, now(), Duration.ofDays(9), "p384.example"),
                "rsa.example", ca.issue(KeyType.RSA_2048, now(), Duration.ofDays(9), "rsa.example"));
        served.forEach((name, bundle) -> store.save(Subject.of(name), bundle, Revision.NONE));
        Path root = Files.writeString(directory.resolve("root.crt"), Certificates.encode(ca.root()));
        int port = FreePorts.next();
        try (ChildProcess twisted = twisted(port)) {
            twisted.line("Starting factory", Await.HANG_LIMIT);
            for (Map.Entry<String, CertificateBundle> name : served.entrySet()) {
                assertThat(OpensslClient.connect(port, name.getKey(), root).verified())
                        .as(name.getKey())
                        .isTrue();
                assertThat(OpensslClient.serial(port, name.getKey(), root))
                        .contains(name.getValue().serial());
            }
            Subject renewed = Subject.of("ec.example");
            CertificateBundle next = ca.issue(now(), Duration.ofDays(9), "ec.example");
            store.save(renewed, next, store.find(renewed).orElseThrow().revision());
            assertThat(OpensslClient.serial(port, "ec.example", root)).contains(next.serial());
        }
    }

    private static Instant now() {
        return InstantSource.system().instant().minusSeconds(3600);
    }

    private ChildProcess twisted(int port) {
        return ChildProcess.start(
                directory,
                Map.of(),
                List.of(
                        "twistd3",
                        "-n",
                        "--pidfile=" + directory.resolve("pid"),
                        "web",
                        "--listen=txsni:" + certs + ":tcp:" + port + ":interface=127.0.0.1",
                        "--path",
                        practice.toString()));
    }
}
