package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That the CA which the other tests rely on comes up, says where it is, and comes up again. */
@Tag("rig")
class PebbleCaTest {

    static List<PebbleBinary> binaries() {
        return PebbleBinary.all();
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void start_bothRootsAreThereAndPostsAnswered(PebbleBinary binary, @TempDir Path directory) {
        try (PebbleCa ca = PebbleCa.on(binary).nonceRejectPercent(50).start(directory)) {
            // Its answer was there before; its log comes through a pipe.
            Await.until(
                    Await.HANG_LIMIT,
                    () -> ca.log().stream().anyMatch(line -> line.contains("POST /sign-me-up ")),
                    () -> "no POST among " + ca.log());
            assertThat(ca.httpsRoot()).content().contains("BEGIN CERTIFICATE");
            assertThat(ca.issuerRoot()).content().contains("BEGIN CERTIFICATE");
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void restart_hasAnotherRoot(PebbleBinary binary, @TempDir Path directory) {
        try (PebbleCa ca = PebbleCa.on(binary).start(directory)) {
            String before = Repository.read(ca.issuerRoot());
            ca.restart();
            assertThat(ca.issuerRoot()).content().isNotEqualTo(before);
        }
    }
}
