package org.autotls.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a person is told of files that look like entries and are none. */
class IgnoredEntriesTest {

    @TempDir
    private Path directory = Path.of("");

    private final Logger logger = (Logger) LoggerFactory.getLogger(Entries.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() {
        logger.detachAppender(log);
    }

    private List<String> said() {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .sorted()
                .toList();
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

        assertThat(said())
                .containsExactly(
                        directory + "/bad name.pem: ignored: its name is that of no host or address",
                        directory + "/linked.example.pem: ignored: it links to what is not there",
                        directory + "/www_x.example.pem: ignored: its name is that of no host or address");
    }

    @Test
    void veryMany_doNotFillTheLog() throws IOException {
        for (int i = 0; i < 150; i++) {
            Files.createFile(directory.resolve("x_" + i + ".pem"));
        }

        DirectoryStore.openReadOnly(directory, new ManualClock()).list();

        assertThat(said()).hasSize(100);
    }
}
