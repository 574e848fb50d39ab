package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is said of files that cannot be used, and how often. */
class BadFilesTest {

    private static final Subject A = Subject.of("a.example");

    @TempDir
    Path directory = Path.of("");

    private final ManualClock clock = new ManualClock(Instant.parse("2100-01-01T00:00:00Z"));
    private final Logger logger = (Logger) LoggerFactory.getLogger(BadFiles.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private void write(String name, String content) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private List<String> said() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
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
        assertThat(said()).hasSizeBetween(2, 3).allMatch(line -> line.contains("a.example.pem"));
    }

    @Test
    void report_fileThatStaysAsItIs_isToldOnce() throws IOException {
        DirectoryStore store = DirectoryStore.openReadOnly(directory, clock);
        write("a.example.pem", "rubbish");
        for (int second = 0; second < 1300; second++) {
            look(store);
        }
        assertThat(said()).hasSize(1);
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
        assertThat(said()).hasSize(2);
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
        assertThat(said()).hasSize(2).anyMatch(line -> line.contains("chmod 600"));
    }
}
