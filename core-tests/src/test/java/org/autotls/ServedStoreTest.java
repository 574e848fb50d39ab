package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Quiet.class)
class ServedStoreTest {

    private final ServiceRig rig = new ServiceRig();
    private final FlakyStore store = new FlakyStore(rig.store);
    private final LiveIndex index = new LiveIndex(rig.clock);
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final ServedStore served = new ServedStore(store, new IndexFeed(index, false), rig.clock, Runnable::run);

    @Test
    void manyIssuedOneAfterAnother_areServedAtOnce_andTheStoreIsNotListedForEach() {
        served.open(parts);
        try (IssuingService service =
                rig.builder(rig.store, rig.store).listener(served.hurry()).build()) {
            for (int i = 0; i < 200; i++) {
                String name = "n" + i + ".example";
                service.issueCert(Subject.of(name));
                assertThat(index.current().find(name)).isPresent();
            }
        }
        assertThat(store.lists).as("at the start").isEqualTo(1);
        AutoTlsAssembly.closeAll(parts);
    }

    @Test
    void renewedByAnother_isServedAfterASecond() {
        rig.stored("a.example", Duration.ofDays(60));
        served.open(parts);
        CertificateBundle renewed = rig.stored("a.example", Duration.ofDays(90));
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(index.serves(Subject.of("a.example"), renewed)).isTrue();
        AutoTlsAssembly.closeAll(parts);
    }
}
