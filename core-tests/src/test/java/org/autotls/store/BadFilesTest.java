package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.autotls.CapturedLog;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is said of files that cannot be used, and how often. */
class BadFilesTest {

    private static final Subject A = Subject.of("a.example");

    @TempDir
    Path directory = Path.of("");

    private final ManualClock clock = new ManualClock(Instant.parse("2100-01-01T00:00:00Z"));

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(BadFiles.class);

    private void write(String name, String content) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private void look(DirectoryStore store) {
        store.list();
        assertThatThrownBy(() -> store.find(A)).isInstanceOf(StoreException.class);
        clock.advance(Duration.ofSeconds(1));
    }

    @Test
    void report_fileRewrittenEachSecond_isToldNowAndThen() throws IOException {
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        for (int second = 0; second < 1300; second++) {
            write("a.example.pem", "rubbish " + second);
            look(store);
        }
        assertThat(log.messages()).hasSizeBetween(2, 3).allMatch(line -> line.contains("a.example.pem"));
    }

    @Test
    void report_fileThatStaysAsItIs_isToldOnce() throws IOException {
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        write("a.example.pem", "rubbish");
        for (int second = 0; second < 1300; second++) {
            look(store);
        }
        assertThat(log.messages()).hasSize(1);
    }

    @Test
    void report_fileThatWasGoneMeanwhile_isToldAgain() throws IOException {
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        write("a.example.pem", "rubbish");
        look(store);
        Files.delete(directory.resolve("a.example.pem"));
        store.list();
        write("a.example.pem", "rubbish");
        look(store);
        assertThat(log.messages()).hasSize(2);
    }

    @Test
    void report_severalThingsAreWrongWithOneFile_eachIsToldOnce() throws IOException {
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        for (int second = 0; second < 10; second++) {
            write("a.example.pem", "rubbish " + second);
            Files.setPosixFilePermissions(
                    directory.resolve("a.example.pem"), PosixFilePermissions.fromString("rw-r--r--"));
            look(store);
        }
        assertThat(log.messages()).hasSize(2).anyMatch(line -> line.contains("chmod 600"));
    }

    @Test
    void namesOfNoHostAndLinksToNothing_areSaidOnce() throws IOException {
        for (String name : List.of("www_x.example.pem", "bad name.pem", "a.example.pem")) {
            Files.createFile(directory.resolve(name));
        }
        for (String others : List.of("DEFAULT.pem", ".hidden.pem", "x_y.pem.ocsp", "notes_x.txt")) {
            Files.createFile(directory.resolve(others));
        }
        Files.createSymbolicLink(directory.resolve("linked.example.pem"), Path.of("nothing"));

        DirectoryStore store = DirectoryStore.openReadOnly(directory, new ManualClock());
        assertThat(store.list()).containsOnlyKeys(Subject.of("a.example"));
        store.list();

        assertThat(log.messages())
                .containsExactlyInAnyOrder(
                        directory + "/bad name.pem: ignored: its name is that of no host or address",
                        directory + "/linked.example.pem: ignored: it links to what is not there",
                        directory + "/www_x.example.pem: ignored: its name is that of no host or address");
    }

    @Test
    void namesOfNoHost_veryMany_doNotFillTheLog() throws IOException {
        for (int i = 0; i < 150; i++) {
            Files.createFile(directory.resolve("x_" + i + ".pem"));
        }

        DirectoryStore.openReadOnly(directory, new ManualClock()).list();

        assertThat(log.messages()).hasSize(100);
    }
}
