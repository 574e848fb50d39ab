package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.autotls.Subject;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;

class EngineChoiceTest {

    private static final ServingEngines.Maker NEVER_CALLED = (entry, hello, settings) -> {
        throw new AssertionError("not this one");
    };

    @Test
    void none_theJdkServes() {
        assertThat(make(EngineChoice.first(List.of()))).isEmpty();
        assertThat(make(EngineChoice.of()))
                .as("nothing in these tests brings another")
                .isEmpty();
    }

    @Test
    void several_theFirstServes() {
        ServingEngines.Maker first = (entry, hello, settings) -> Optional.empty();
        assertThat(EngineChoice.first(List.of(trust -> first, trust -> NEVER_CALLED)))
                .isSameAs(first);
    }

    @Test
    void libraryThatCannotBeLoaded_leavesItToTheJdk() {
        assertThat(make(EngineChoice.first(List.of(trust -> {
                    throw new IllegalStateException("no native library for this machine");
                }))))
                .isEmpty();
        assertThat(make(EngineChoice.first(List.of(trust -> {
                    throw new NoClassDefFoundError("org/conscrypt/Conscrypt");
                }))))
                .isEmpty();
    }

    private static Optional<SSLEngine> make(ServingEngines.Maker maker) {
        LiveIndex index = new LiveIndex(new ManualClock());
        index.put(
                Subject.of("a.example"),
                new TestCa().issue(Instant.parse("2020-01-01T00:00:00Z"), Duration.ofDays(9999), "a.example"));
        Peek peek = new ClientHelloReader()
                .read(ByteBuffer.wrap(
                        ClientHelloBytes.tls13().serverName("a.example").records()));
        return maker.make(
                index.current().find("a.example").orElseThrow(), ((Peek.Hello) peek).hello(), new SSLParameters());
    }
}
