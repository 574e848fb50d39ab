package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports that are ours before anything listens on them. */
class FreePortsTest {

    @TempDir
    private Path scratch = Path.of("");

    @Test
    void next_offeredAPortOfAnotherProcess_takesAnother() throws Exception {
        int ours = FreePorts.next();
        try (PortHolder other = PortHolder.offered(ours)) {
            int others = Integer.parseInt(other.answer());
            assertThat(others).isNotEqualTo(ours);
            assertThat(FreePorts.next(at(others))).isNotEqualTo(others);
        }
    }

    @Test
    void next_offeredAPortOfThisProcess_takesAnother() {
        int first = FreePorts.next();
        assertThat(FreePorts.next(at(first))).isNotEqualTo(first);
        assertThat(FreePorts.next(100)).doesNotHaveDuplicates().doesNotContain(first);
    }

    @Test
    void next_offeredAPortThatSomebodyListensOn_takesAnother() throws IOException {
        int port = FreePorts.next();
        try (ServerSocket somebody = new ServerSocket(port)) {
            FreePorts.RESERVED.giveBack(port);
            assertThat(FreePorts.next(at(port))).isNotEqualTo(somebody.getLocalPort());
        }
    }

    private static AtomicInteger at(int port) {
        return new AtomicInteger(port - FreePorts.FIRST);
    }

    @Test
    void take_heldByAnotherProcess_isRefusedUntilThatOneIsKilled() throws Exception {
        Path file = scratch.resolve("ports");
        PortReservations ours = new PortReservations(file);
        assertThat(ours.take(1)).isTrue();
        try (PortHolder other = PortHolder.taking(file, 1, 2, 3)) {
            assertThat(List.of(other.answer(), other.answer(), other.answer()))
                    .containsExactly("false", "true", "true");
            assertThat(ours.take(2)).isFalse();
        }
        assertThat(ours.take(2)).isTrue();
        assertThat(ours.take(3)).isTrue();
    }

    @Test
    void take_twiceByOneProcess_isRefusedUntilGivenBack() throws Exception {
        Path file = scratch.resolve("ports");
        PortReservations ours = new PortReservations(file);
        assertThat(ours.take(1)).isTrue();
        assertThat(ours.take(1)).isFalse();
        assertThat(ours.take(2)).isTrue();

        ours.giveBack(1);

        try (PortHolder other = PortHolder.taking(file, 1, 2)) {
            assertThat(List.of(other.answer(), other.answer())).containsExactly("true", "false");
        }
        assertThat(ours.take(1)).isTrue();
    }

    /** A channel that an interrupt closed would lose all that is held. */
    @Test
    void take_byAnInterruptedThread_losesNothing() throws Exception {
        Path file = scratch.resolve("ports");
        PortReservations ours = new PortReservations(file);
        assertThat(ours.take(1)).isTrue();
        Thread.currentThread().interrupt();
        try {
            assertThat(ours.take(2)).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        try (PortHolder other = PortHolder.taking(file, 1, 2)) {
            assertThat(List.of(other.answer(), other.answer())).containsExactly("false", "false");
        }
    }

    @Test
    void file_isForItsOwnerAndEmpty() throws IOException {
        Path file = scratch.resolve("ports");
        assertThat(new PortReservations(file).take(1)).isTrue();
        assertThat(file).isEmptyFile();
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void file_thatIsALink_isRefused() throws IOException {
        Path file = Files.createSymbolicLink(scratch.resolve("ports"), scratch.resolve("elsewhere"));
        assertThatThrownBy(() -> new PortReservations(file).take(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file.toString());
        assertThat(scratch.resolve("elsewhere")).doesNotExist();
    }
}
