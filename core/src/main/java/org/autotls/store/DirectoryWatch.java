package org.autotls.store;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.function.Consumer;
import org.autotls.Text;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls soon after something in a directory may have changed. A hint only; polling remains the truth.
 *
 * <p><b>Threads.</b> Safe for many threads. Has one daemon thread, which ends when the watch is closed.
 */
public final class DirectoryWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);

    private final @Nullable WatchService service;

    private DirectoryWatch(@Nullable WatchService service) {
        this.service = service;
    }

    /** Starts; {@code onFile} hears names of files. Without the system's support there is nothing but a log line, and polling. */
    static DirectoryWatch start(Path directory, Consumer<String> onFile, Runnable onOverflow) {
        WatchService service = null;
        try {
            service = directory.getFileSystem().newWatchService();
            directory.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.info(
                    "{}: changes are noticed by polling only: {}",
                    Text.escape(directory.toString()),
                    Text.escape(String.valueOf(e.getMessage())));
            DirectoryWatch failed = new DirectoryWatch(service);
            failed.close();
            return new DirectoryWatch(null);
        }
        WatchService events = service;
        Thread thread = new Thread(() -> run(events, onFile, onOverflow), "autotls-watch-" + directory.getFileName());
        thread.setDaemon(true);
        thread.start();
        return new DirectoryWatch(service);
    }

    private static void run(WatchService events, Consumer<String> onFile, Runnable onOverflow) {
        try {
            boolean watched = true;
            while (watched) {
                WatchKey key = events.take();
                List<WatchEvent<?>> changes = key.pollEvents();
                watched = key.reset(); // before the calls: what changes meanwhile is told next
                changes.stream()
                        .map(WatchEvent::context)
                        .distinct() // a file that is made and written is told of several times; an overflow has no name
                        .forEach(file -> call(file == null ? onOverflow : () -> onFile.accept(file.toString())));
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("the watch ends");
        }
    }

    private static void call(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener of a directory watch failed", e);
        }
    }

    /** Stops the calls; one that runs is not waited for. May be repeated. */
    @Override
    public void close() {
        try {
            if (service != null) {
                service.close();
            }
        } catch (IOException e) {
            LOG.debug("the watch did not close", e);
        }
    }
}
